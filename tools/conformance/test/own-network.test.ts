import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import * as craft from '@espalier/concepts-craft';
import { createFrom, plainServices, proveSparsity } from '@espalier/core';
import * as planted from '@espalier/data-planted';
import * as ig from '@espalier/explainer-ig';
import * as vg from '@espalier/explainer-vg';
import * as metrics from '@espalier/metrics';
import * as onnx from '@espalier/model-onnx';
import * as magnitude from '@espalier/pruner-magnitude';
import * as report from '@espalier/report';
import { runStudy } from '@espalier/runner';
import { expect, onTestFinished, test } from 'vitest';

const packages = new Map<string, unknown>([
  ['@espalier/data-planted', planted],
  ['@espalier/model-onnx', onnx],
  ['@espalier/pruner-magnitude', magnitude],
  ['@espalier/explainer-vg', vg],
  ['@espalier/explainer-ig', ig],
  ['@espalier/concepts-craft', craft],
  ['@espalier/metrics', metrics],
  ['@espalier/report', report],
]);

const fixtures = join(import.meta.dirname, '../../../packages/model-onnx/test/fixtures');

/** Networks, each with a layer after a ReLU, which CRAFT asks for; null where there is none. */
const networks: Readonly<Record<string, string | null>> = {
  resnet50: 'layer3',
  vgg16: 'features.7',
  'vgg16-bn': 'features.10',
  densenet121: 'features.transition2.relu',
  mobilenet_v2: 'features.0',
  mobilenet_v3: 'features.2.block.0',
  efficientnet_b0: null,
  convnext_tiny: null,
  vit_b_16: null,
};

/** The nodes of one network: pruned at two levels, explained by two methods, with concepts of a layer. */
function nodesOf(name: string, layer: string | null, folder: string): Readonly<Record<string, object>> {
  const own = (node: string) => `${name.replace(/[^a-z0-9]/g, '')}${node}`;
  const model = { $from: `${own('Prune')}.model` };
  const images = { $from: 'data.eval' };
  const concepts = {
    use: 'craft/craft',
    in: { model, images: { $from: 'data.val' } },
    with: { layer, concepts: 2, imagesPerClass: 2, importance: 'none' },
  };
  return {
    [own('Network')]: {
      use: 'onnx/model',
      with: {
        file: relative(folder, join(fixtures, `${name}.recipe.onnx`)),
        mean: [0.5, 0.5, 0.5],
        std: [0.25, 0.25, 0.25],
      },
      in: { data: { $from: 'data.train' } },
    },
    [own('Prune')]: {
      use: 'magnitude/prune',
      in: { model: { $from: `${own('Network')}.model` }, data: { $from: 'data.train' } },
      scan: { axis: 'sparsity', over: [0.3, 0.6], carry: { model: 'model' } },
      with: { scope: 'global', sparsity: { $axis: 'sparsity' } },
    },
    [own('Maps')]: {
      use: { $axis: 'explainer' },
      in: { model, images },
      matrix: { explainer: ['vg/saliency', { use: 'ig/integrated-gradients', with: { steps: 2 } }] },
    },
    [own('Gini')]: { use: 'metrics/sparseness', in: { attributions: { $from: `${own('Maps')}.attributions` } } },
    ...(layer !== null && { [own('Concepts')]: concepts }),
  };
}

function studyOf(folder: string) {
  const parts = Object.entries(networks).map(([name, layer]) => nodesOf(name, layer, folder));
  const named = (ending: string) =>
    parts.flatMap((nodes) => Object.keys(nodes)).filter((name) => name.endsWith(ending));
  const scores = named('Gini').map((name) => ({ $from: `${name}.scores` }));
  return {
    apiVersion: 'study/v1',
    name: 'own-network',
    plugins: {
      data: '@espalier/data-planted',
      onnx: '@espalier/model-onnx',
      magnitude: '@espalier/pruner-magnitude',
      vg: '@espalier/explainer-vg',
      ig: '@espalier/explainer-ig',
      craft: '@espalier/concepts-craft',
      metrics: '@espalier/metrics',
      report: '@espalier/report',
    },
    seed: 3,
    nodes: Object.assign(
      { data: { use: 'data/planted', with: { size: 32, trainPerClass: 2, valPerClass: 2, evalPerClass: 1 } } },
      ...parts,
      { report: { use: 'report/report', in: { scores, images: { $from: 'data.eval' } } } },
    ),
    outputs: {
      ...Object.fromEntries(
        named('Prune').map((name) => [`${name}.onnx`, { $from: `${name}.model`, at: { sparsity: 0.6 } }]),
      ),
      'report.html': { $from: 'report.html' },
    },
  };
}

test('networks from files of nine families are pruned, explained, looked into, reported and written back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-own-network-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'study.json'), JSON.stringify(studyOf(folder)));
  const result = await runStudy({ file: join(folder, 'study.json'), packages, compute: { engine: 'wasm' } });
  expect([...result.failures]).toEqual([]);
  const written = result.outputs.filter((path) => path.endsWith('.onnx'));
  expect(written).toHaveLength(Object.keys(networks).length);
  const spec = {
    input: { height: 32, width: 32, channels: 3, mean: [0, 0, 0], std: [1, 1, 1] },
    classes: Array.from({ length: 10 }, (_, k) => `class ${k}`),
  };
  for (const file of written) {
    const options = { file, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] };
    const factory = await createFrom(
      onnx.model,
      options,
      plainServices({ compute: { engine: 'wasm', inference: 'exact', training: 'exact' } }),
    );
    using model = await factory.create(spec, 0);
    expect((await proveSparsity(model)).kernelSparsity, file).toBeCloseTo(0.6, 2);
  }
});
