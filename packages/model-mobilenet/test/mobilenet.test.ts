import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFrom, type ModelSpec, plainServices, type Weights } from '@espalier/core';
import { describeLabels, describeModel } from '@espalier/core/testing';
import { openEngine } from '@espalier/engine';
import { mobilenetV2, mobilenetV2Network } from '@espalier/model-mobilenet';
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

describeModel('a narrow MobileNetV2', {
  async create() {
    const factory = await createFrom(mobilenetV2, { widthMultiplier: 0.1 }, services);
    using small = await factory.create(specOf(32, 40), 1);
    return small.withWeights(louder(await small.weights()));
  },
  live: () => ops.live,
});

/** Of normalisation that no image has moved yet, values get smaller and smaller, and a step across zero is a small one. */
function louder(weights: Weights): Weights {
  return new Map(
    [...weights].map(([name, array]) => {
      const factor = name === 'classifier.1.weight' ? 20 : name.endsWith('running_var') ? 0.3 : 1;
      return [name, { ...array, data: array.data.map((value) => factor * value) }];
    }),
  );
}

describeLabels(mobilenetV2, {
  bases: [{ widthMultiplier: 0.1 }],
  values: { widthMultiplier: [0.5], head: ['new'] },
  untriable: { weights: 'a file' },
});

test('names and shapes of torchvision’s parameters, in order', () => {
  const parameters = parametersOf(mobilenetV2Network(1, { classes: 1000 }));
  expect(parameters.map(({ name, shape }) => `${name} ${shape}`.trim())).toEqual(torchvision['mobilenet-v2']);
});

test.each([
  { multiplier: 0.1, channels: [8, 8, 8, 8, 8, 16, 16, 32, 1280] },
  { multiplier: 0.35, channels: [16, 8, 8, 16, 24, 32, 56, 112, 1280] },
  { multiplier: 1.4, channels: [48, 24, 32, 48, 88, 136, 224, 448, 1792] },
])('channels are rounded as by torchvision’s _make_divisible: $multiplier', async ({ multiplier, channels }) => {
  const factory = await createFrom(mobilenetV2, { widthMultiplier: multiplier }, services);
  using model = await factory.create(specOf(32, 32), 0);
  expect(model.layers.filter(({ isStage }) => isStage).map(({ features }) => features)).toEqual(channels);
});

describe('initial weights are torchvision’s', () => {
  const weights = initialWeights(parametersOf(mobilenetV2Network(0.5, { classes: 10 })), smallDenseInitial, 5);
  const momentOf = (name: string, power: number) => {
    const { data } = weights.get(name)!;
    return data.reduce((sum, value) => sum + value ** power, 0) / data.length;
  };

  test.each([
    { name: 'features.18.0.weight', deviation: Math.sqrt(2 / 1280) },
    { name: 'features.17.conv.1.0.weight', deviation: Math.sqrt(2 / (480 * 9)) }, // depthwise: PyTorch's fan out counts all outputs
    { name: 'classifier.1.weight', deviation: 0.01 },
  ])('$name is normal', ({ name, deviation }) => {
    const tolerance = 5 / Math.sqrt(weights.get(name)!.data.length); // five standard errors
    expect(Math.abs(momentOf(name, 1) / deviation)).toBeLessThan(tolerance);
    expect(Math.abs(Math.sqrt(momentOf(name, 2)) / deviation - 1)).toBeLessThan(tolerance);
    expect(momentOf(name, 4) / momentOf(name, 2) ** 2).toBeGreaterThan(2.5); // of a uniform distribution it is 1.8
  });

  test('the bias is 0, BatchNorm is the identity', () => {
    expect(momentOf('classifier.1.bias', 2)).toBe(0);
    expect(new Set(weights.get('features.0.1.weight')!.data)).toEqual(new Set([1]));
  });
});

test('images smaller than 32 pixels are refused', async () => {
  const factory = await createFrom(mobilenetV2, { widthMultiplier: 0.1 }, services);
  await expect(factory.create(specOf(64, 31), 0)).rejects.toThrow(
    'A MobileNetV2 takes RGB images of at least 32 x 32 pixels; found 64 x 31 with 3 channels.',
  );
});
