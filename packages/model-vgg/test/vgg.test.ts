import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFrom, type ModelSpec, plainServices, type Weights } from '@espalier/core';
import { describeLabels, describeModel } from '@espalier/core/testing';
import { openEngine } from '@espalier/engine';
import { plugins, type VggName, vgg, vgg11Bn } from '@espalier/model-vgg';
import { parametersOf } from '@espalier/nn';
import { initialWeights, smallDenseInitial } from '@espalier/nn/architectures';
import { describe, expect, test } from 'vitest';

/** By tools/reference/networks.py. */
const torchvision: Readonly<Record<string, readonly string[]>> = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures/parameters.json'), 'utf8'),
);
const services = plainServices({ compute: { engine: 'wasm', inference: 'exact', training: 'exact' } });
const ops = await openEngine(services.compute);

function specOf(height: number, width: number): ModelSpec {
  return {
    input: { height, width, channels: 3, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    classes: ['a', 'b', 'c'],
  };
}

describeModel('a narrow VGG-11 with BatchNorm', {
  async create() {
    const factory = await createFrom(vgg11Bn, { width: 2 }, services);
    using small = await factory.create(specOf(32, 40), 1);
    return small.withWeights(louder(await small.weights()));
  },
  live: () => ops.live,
});

/** Dense layers that start at a deviation of 0.01 hide what is before them. */
function louder(weights: Weights): Weights {
  return new Map(
    [...weights].map(([name, array]) => {
      const factor = /^classifier\.\d\.weight$/.test(name) ? 10 : 1;
      return [name, { ...array, data: array.data.map((value) => factor * value) }];
    }),
  );
}

describeLabels(vgg11Bn, {
  bases: [{ width: 1 }],
  values: { width: [2], head: ['new'] },
  untriable: { weights: 'a file' },
});

test('plugins have the names and shapes of torchvision’s parameters, in order', () => {
  expect(plugins.map(({ name }) => name).sort()).toEqual(Object.keys(torchvision).sort());
  for (const [name, expected] of Object.entries(torchvision)) {
    const parameters = parametersOf(vgg(name as VggName, 64, { height: 224, width: 224, classes: 1000 })); // as just seen
    expect(parameters.map((parameter) => `${parameter.name} ${parameter.shape}`.trim())).toEqual(expected);
  }
});

describe('initial weights are torchvision’s', () => {
  const weights = initialWeights(
    parametersOf(vgg('vgg11-bn', 8, { height: 64, width: 64, classes: 10 })),
    smallDenseInitial,
    5,
  );
  const momentOf = (name: string, power: number) => {
    const { data } = weights.get(name)!;
    return data.reduce((sum, value) => sum + value ** power, 0) / data.length;
  };

  test.each([
    { name: 'features.4.weight', deviation: Math.sqrt(2 / (16 * 9)) },
    { name: 'classifier.0.weight', deviation: 0.01 },
    { name: 'classifier.6.weight', deviation: 0.01 },
  ])('$name is normal', ({ name, deviation }) => {
    const tolerance = 5 / Math.sqrt(weights.get(name)!.data.length); // five standard errors
    expect(Math.abs(momentOf(name, 1) / deviation)).toBeLessThan(tolerance);
    expect(Math.abs(Math.sqrt(momentOf(name, 2)) / deviation - 1)).toBeLessThan(tolerance);
    expect(momentOf(name, 4) / momentOf(name, 2) ** 2).toBeGreaterThan(2.5); // of a uniform distribution it is 1.8
  });

  test('biases are 0, BatchNorm is the identity', () => {
    for (const name of ['features.0.bias', 'classifier.3.bias', 'features.1.bias']) expect(momentOf(name, 2)).toBe(0);
    expect(new Set(weights.get('features.1.weight')!.data)).toEqual(new Set([1]));
  });
});

test('stages are the pooled maps, the last of them 7 x 7 for ImageNet', async () => {
  const factory = await createFrom(vgg11Bn, { width: 1 }, services);
  using model = await factory.create(specOf(224, 224), 0);
  const stages = model.layers.filter(({ isStage }) => isStage);
  expect(stages.map(({ name, height, width }) => [name, height, width])).toEqual([
    ['features.3', 112, 112],
    ['features.7', 56, 56],
    ['features.14', 28, 28],
    ['features.21', 14, 14],
    ['features.28', 7, 7],
  ]);
});

test('images smaller than 32 pixels are refused', async () => {
  const factory = await createFrom(vgg11Bn, { width: 1 }, services);
  await expect(factory.create(specOf(31, 64), 0)).rejects.toThrow(
    "A VGG takes RGB images of at least 32 x 32 pixels; found 31 x 64 with 3 channels. Choose a larger size in the dataset's options.",
  );
});
