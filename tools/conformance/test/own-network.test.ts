import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import * as craft from '@espalier/concepts-craft';
import { createFrom, plainServices, proveSparsity } from '@espalier/core';
import * as planted from '@espalier/data-planted';
import * as ig from '@espalier/explainer-ig';
import * as vg from '@espalier/explainer-vg';
import { readSafetensors } from '@espalier/formats';
import * as metrics from '@espalier/metrics';
import * as quality from '@espalier/metrics-concepts';
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
  ['@espalier/metrics-concepts', quality],
  ['@espalier/report', report],
]);

const fixtures = join(import.meta.dirname, '../../../packages/model-onnx/test/fixtures');

/** Networks, and the layer of each whose concepts are looked for: behind a ReLU, or the signed end of a part. */
const networks = {
  resnet50: { layer: 'layer3', map: [2, 2], isSigned: false },
  vgg16: { layer: 'features.7', map: [8, 8], isSigned: false },
  'vgg16-bn': { layer: 'features.10', map: [8, 8], isSigned: false },
  densenet121: { layer: 'features.transition2.relu', map: [4, 4], isSigned: false },
  mobilenet_v2: { layer: 'features.5', map: [4, 4], isSigned: true },
  mobilenet_v3: { layer: 'features.2', map: [4, 4], isSigned: true },
  efficientnet_b0: { layer: 'features.2', map: [8, 8], isSigned: true },
  convnext_tiny: { layer: 'features.3', map: [4, 4], isSigned: true },
  vit_b_16: { layer: 'encoder.layers.encoder_layer_0', map: [4, 4], isSigned: true },
} as const;
type Name = keyof typeof networks;

const nodeOf = (name: string, node: string) => `${name.replace(/[^a-z0-9]/g, '')}${node}`;

/** The nodes of one network: pruned at two levels, explained by two methods, with concepts of a layer. */
function nodesOf(name: Name, folder: string): Readonly<Record<string, object>> {
  const own = (node: string) => nodeOf(name, node);
  const model = { $from: `${own('Prune')}.model` };
  const images = { $from: 'data.eval' };
  const concepts = {
    use: 'craft/craft',
    in: { model, images: { $from: 'data.val' } },
    with: {
      layer: networks[name].layer,
      concepts: 2,
      classes: [0],
      restarts: 0,
      points: 16,
      maxPoints: 16,
      replicates: 2,
    },
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
    [own('Concepts')]: concepts,
    [own('Rebuilt')]: {
      use: 'quality/reconstruction',
      in: { model, images: { $from: 'data.val' }, concepts: { $from: `${own('Concepts')}.concepts` } },
    },
  };
}

function studyOf(folder: string) {
  const parts = Object.keys(networks).map((name) => nodesOf(name as Name, folder)); // of its own keys
  const named = (ending: string) =>
    parts.flatMap((nodes) => Object.keys(nodes)).filter((name) => name.endsWith(ending));
  const scores = [...named('Gini'), ...named('Rebuilt')].map((name) => ({ $from: `${name}.scores` }));
  const concepts = named('Concepts').map((name) => ({ $from: `${name}.concepts` }));
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
      quality: '@espalier/metrics-concepts',
      report: '@espalier/report',
    },
    seed: 3,
    nodes: Object.assign(
      { data: { use: 'data/planted', with: { size: 32, trainPerClass: 2, valPerClass: 2, evalPerClass: 1 } } },
      ...parts,
      { report: { use: 'report/report', in: { scores, concepts, images: { $from: 'data.val' } } } },
    ),
    outputs: {
      ...Object.fromEntries(
        named('Concepts').map((name) => [`${name}.safetensors`, { $from: `${name}.concepts`, at: { sparsity: 0.6 } }]),
      ),
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
  const outputOf = (name: string) => readFileSync(result.outputs.find((path) => basename(path) === name)!);
  for (const [name, { map, isSigned }] of Object.entries(networks)) {
    const { tensors } = readSafetensors(outputOf(`${nodeOf(name, 'Concepts')}.safetensors`), name);
    expect([name, tensors.get('0/maps')!.shape]).toEqual([name, [2, ...map, 2]]);
    expect([name, tensors.get('0/dictionary')!.data.some((value) => value < 0)]).toEqual([name, isSigned]);
    expect([name, tensors.get('0/importance')!.data.some((value) => value > 0)]).toEqual([name, true]);
  }
  const page = outputOf('report.html').toString();
  const signed = Object.values(networks).filter(({ isSigned }) => isSigned);
  const { length } = Object.keys(networks);
  expect(page.match(/class="concept-level"/g)).toHaveLength(2 * length);
  expect(page.match(/alt="Where concept/g)).toHaveLength(2 * 2 * length);
  expect(page.match(/Directions are signed/g)).toHaveLength(2 * signed.length);
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
