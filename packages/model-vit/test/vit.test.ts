import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createFrom,
  type ModelSpec,
  type NdArray,
  ndArray,
  plainServices,
  randomStream,
  type Weights,
} from '@espalier/core';
import { describeLabels, describeModel } from '@espalier/core/testing';
import { openEngine } from '@espalier/engine';
import { type VitName, vit, vitInitial, vitMini8 } from '@espalier/model-vit';
import { parametersOf } from '@espalier/nn';
import { initialWeights } from '@espalier/nn/architectures';
import { describe, expect, test } from 'vitest';

/** By tools/reference/networks.py. */
const named: Readonly<Record<string, readonly string[]>> = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures/parameters.json'), 'utf8'),
);
const services = plainServices({ compute: { engine: 'wasm', inference: 'exact', training: 'exact' } });
const ops = await openEngine(services.compute);

function specOf(height: number, width: number): ModelSpec {
  return {
    input: { height, width, channels: 3, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    classes: ['a', 'b', 'c'],
  };
}

async function mini(side: number) {
  return (await createFrom(vitMini8, {}, services)).create(specOf(side, side), 1);
}

describeModel('a mini ViT', {
  async create() {
    using small = await mini(16);
    return small.withWeights(withHead(await small.weights()));
  },
  live: () => ops.live,
});

/** The head starts at 0, of which no gradient passes. */
function withHead(weights: Weights): Weights {
  const stream = randomStream(2, 'head');
  const head = weights.get('heads.head.weight')!;
  return new Map<string, NdArray>(weights).set('heads.head.weight', {
    ...head,
    data: head.data.map(() => stream.normal()),
  });
}

describeLabels(vitMini8, { values: { head: ['new'] }, untriable: { weights: 'a file' } });

test.each(['vit-b-16', 'vit-s-16'] as const)(
  '%s has the names and shapes of torchvision’s parameters, in order',
  (name) => {
    const parameters = parametersOf(vit(name, { height: 224, width: 224, classes: 1000 }));
    expect(parameters.map((parameter) => `${parameter.name} ${parameter.shape}`)).toEqual(named[name]);
  },
);

test('tokens after every block know their places on the image', async () => {
  using model = await mini(32);
  expect(model.layers.filter(({ isStage }) => isStage)).toMatchObject([
    { name: 'encoder.layers.encoder_layer_0', height: 1, width: 17, features: 48, isComplete: true },
    { name: 'encoder.layers.encoder_layer_1', grid: { height: 4, width: 4, leading: 1, isRead: false } },
  ]);
});

test('where only the class token is still read, no slope reaches the grid', async () => {
  using fresh = await mini(16);
  using model = await fresh.withWeights(withHead(await fresh.weights()));
  const stream = randomStream(5, 'tokens');
  const images = ndArray(
    'n h w c',
    [1, 16, 16, 3],
    Float32Array.from({ length: 768 }, () => stream.uniform()),
  );
  const onGrid = model.layers.filter(({ grid, features }) => grid?.leading === 1 && features === 48);
  expect(onGrid.map(({ grid }) => grid!.isRead)).toContain(false);
  for (const { name, grid, features } of onGrid) {
    const { data } = await model.activationGradient(images, name, [1]);
    expect([name, data.subarray(features).some((slope) => slope !== 0)]).toEqual([name, grid!.isRead]);
  }
});

describe('initial weights are torchvision’s', () => {
  const name: VitName = 'vit-mini-8';
  const weights = initialWeights(parametersOf(vit(name, { height: 64, width: 64, classes: 10 })), vitInitial, 5);
  const block = 'encoder.layers.encoder_layer_1';
  const momentOf = (parameter: string, power: number) => {
    const { data } = weights.get(parameter)!;
    return data.reduce((sum, value) => sum + value ** power, 0) / data.length;
  };
  const expectDeviation = (parameter: string, deviation: number) => {
    const tolerance = 5 / Math.sqrt(weights.get(parameter)!.data.length); // five standard errors
    expect(Math.abs(momentOf(parameter, 1) / deviation)).toBeLessThan(tolerance);
    expect(Math.abs(Math.sqrt(momentOf(parameter, 2)) / deviation - 1)).toBeLessThan(tolerance);
  };
  const kurtosis = (parameter: string) => momentOf(parameter, 4) / momentOf(parameter, 2) ** 2;

  test.each([
    { parameter: 'conv_proj.weight', deviation: Math.sqrt(1 / 192) },
    { parameter: 'encoder.pos_embedding', deviation: 0.02 },
    { parameter: `${block}.mlp.0.bias`, deviation: 1e-6 },
  ])('$parameter is normal', ({ parameter, deviation }) => {
    expectDeviation(parameter, deviation);
    expect(kurtosis(parameter)).toBeGreaterThan(2.2); // of a uniform distribution it is 1.8
  });

  test.each([
    { parameter: `${block}.self_attention.in_proj_weight`, bound: Math.sqrt(6 / (48 + 144)) },
    { parameter: `${block}.self_attention.out_proj.weight`, bound: 1 / Math.sqrt(48) },
    { parameter: `${block}.mlp.0.weight`, bound: Math.sqrt(6 / (48 + 96)) },
    { parameter: `${block}.mlp.3.weight`, bound: Math.sqrt(6 / (48 + 96)) },
  ])('$parameter is uniform', ({ parameter, bound }) => {
    expectDeviation(parameter, bound / Math.sqrt(3));
    expect(Math.max(...weights.get(parameter)!.data.map(Math.abs))).toBeLessThanOrEqual(bound);
  });

  test('all else is 0, scales are 1', () => {
    const zeros = ['class_token', 'conv_proj.bias', 'heads.head.weight', 'heads.head.bias', 'encoder.ln.bias'];
    const ofBlock = ['self_attention.in_proj_bias', 'self_attention.out_proj.bias', 'ln_1.bias'].map(
      (part) => `${block}.${part}`,
    );
    for (const parameter of [...zeros, ...ofBlock]) expect(momentOf(parameter, 2), parameter).toBe(0);
    expect(new Set(weights.get(`${block}.ln_2.weight`)!.data)).toEqual(new Set([1]));
  });
});

test.each([
  [20, 20],
  [32, 40],
])('images of %i x %i pixels are refused', async (height, width) => {
  const factory = await createFrom(vitMini8, {}, services);
  await expect(factory.create(specOf(height, width), 0)).rejects.toThrow(
    `A vision transformer takes RGB square images whose side is a multiple of 8 pixels; found ${height} x ${width} with 3 channels.`,
  );
});
