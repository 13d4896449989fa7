import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createFrom, type Model, plainServices, sizeOf } from '@espalier/core';
import * as planted from '@espalier/data-planted';
import * as metrics from '@espalier/metrics';
import * as onnx from '@espalier/model-onnx';
import * as resnet from '@espalier/model-resnet';
import * as structured from '@espalier/pruner-structured';
import { runStudy } from '@espalier/runner';
import { expect, onTestFinished, test } from 'vitest';
import { madeImages } from './made-values.ts';

const fixtures = join(import.meta.dirname, '../../../packages/model-onnx/test/fixtures');
const compute = { engine: 'wasm', inference: 'exact', training: 'exact' } as const;
/** Concatenations, gates, scales of channels, channel shuffles. */
const names = ['densenet121', 'mobilenet_v3', 'convnext_tiny', 'shufflenet'];

const valuesIn = ({ parameters }: Model) =>
  parameters.filter(({ role }) => role === 'kernel').reduce((sum, { shape }) => sum + sizeOf(shape), 0);

test.each(names)(
  'a fifth of the weights of %s go by channels: compacted, it is as small and gives the same logits',
  async (name) => {
    const options = { file: join(fixtures, `${name}.recipe.onnx`), mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] };
    const factory = await createFrom(onnx.model, options, plainServices({ compute }));
    const width = name === 'shufflenet' ? 40 : 32;
    const input = { height: 32, width, channels: 3, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] };
    using model = await factory.create({ input, classes: Array.from({ length: 10 }, (_, k) => `class ${k}`) }, 0);
    const pruner = await createFrom(structured.l1, { sparsity: 0.2 }, plainServices());
    using masked = await model.masked(await pruner.mask(model, {}));
    using compacted = await masked.compacted();
    const images = madeImages(5, 3, 32, width);
    const [found, expected] = [(await compacted.predict(images)).data, (await masked.predict(images)).data];
    const scale = Math.max(...expected.map(Math.abs));
    expect(found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0)).toBeLessThan(
      1e-4 * scale,
    );
    const removed = [...masked.masks.values()].reduce((sum, mask) => sum + mask.filter((keep) => keep === 0).length, 0);
    expect(removed / valuesIn(model)).toBeGreaterThan(0.15);
    expect(valuesIn(compacted)).toBe(valuesIn(model) - removed);
  },
);

test('a study prunes channels at two levels, trains what is left, and measures that it is smaller when compacted', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-channels-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const model = { $from: 'prune.model' };
  const study = {
    apiVersion: 'study/v1',
    name: 'channels',
    plugins: {
      data: '@espalier/data-planted',
      resnet: '@espalier/model-resnet',
      structured: '@espalier/pruner-structured',
      metrics: '@espalier/metrics',
    },
    seed: 3,
    nodes: {
      data: { use: 'data/planted', with: { size: 32, trainPerClass: 2, valPerClass: 1, evalPerClass: 1 } },
      network: { use: 'resnet/resnet18', with: { width: 4 }, in: { data: { $from: 'data.train' } } },
      prune: {
        use: 'structured/taylor',
        in: { model: { $from: 'network.model' }, data: { $from: 'data.train' } },
        scan: { axis: 'sparsity', over: [0.25, 0.5], carry: { model: 'model' } },
        with: { sparsity: { $axis: 'sparsity' }, finetune: { epochs: 1, batchSize: 4 } },
      },
      cost: { use: 'metrics/cost', in: { model } },
    },
    outputs: {
      'small.json': { $from: 'cost.scores', at: { sparsity: 0.5 } },
      'large.json': { $from: 'cost.scores', at: { sparsity: 0.25 } },
    },
  };
  writeFileSync(join(folder, 'study.json'), JSON.stringify(study));
  const packages = new Map<string, unknown>([
    ['@espalier/data-planted', planted],
    ['@espalier/model-resnet', resnet],
    ['@espalier/pruner-structured', structured],
    ['@espalier/metrics', metrics],
  ]);
  const result = await runStudy({ file: join(folder, 'study.json'), packages, compute: { engine: 'wasm' } });
  expect([...result.failures]).toEqual([]);
  const left = ['large.json', 'small.json'].map((name) => {
    const scores: readonly { metric: string; values: readonly number[] }[] = JSON.parse(
      readFileSync(result.outputs.find((path) => basename(path) === name)!, 'utf8'),
    );
    const scoreOf = (metric: string) => scores.find((score) => score.metric === metric)!.values[0]!;
    expect(scoreOf('multiply-accumulates-compacted')).toBeLessThan(scoreOf('multiply-accumulates'));
    return scoreOf('parameter-count-compacted') / scoreOf('parameter-count');
  });
  expect(left[0]).toBeCloseTo(0.75, 1);
  expect(left[1]).toBeCloseTo(0.5, 1);
});
