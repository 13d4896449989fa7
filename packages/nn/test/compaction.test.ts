import { type Masks, type Model, randomStream, sizeOf, type Weights } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { engines } from '../../engine/test/support/index.ts';
import { networkModel } from '../src/model/network-model.ts';
import { smallClasses, smallImages, smallInput, smallNetwork, smallWeights } from './small-network.ts';

const [{ ops }] = engines.filter(({ name }) => name === 'wasm') as [(typeof engines)[number]];

function small(weights: Weights = smallWeights()): Model {
  return networkModel({
    ops: ops!,
    compute: { inference: 'exact', training: 'exact' },
    network: smallNetwork,
    spec: { input: smallInput, classes: smallClasses },
    weights,
    masks: new Map(),
    history: [],
  });
}

/** Removes whole outputs of kernels, by a seed. */
function withoutOutputs(model: Model, names: readonly string[], share: number, seed: number): Masks {
  return new Map(
    names.map((name) => {
      const { shape } = model.parameters.find((parameter) => parameter.name === name)!;
      const stream = randomStream(seed, name);
      const goes = Array.from({ length: shape[0]! }, () => stream.uniform() < share);
      const perOutput = sizeOf(shape) / shape[0]!;
      return [name, Uint8Array.from({ length: sizeOf(shape) }, (_, i) => Number(!goes[Math.floor(i / perOutput)]))];
    }),
  );
}

const kernels = ['stem', 'a.1', 'a.2', 'b.1', 'b.2', 'b.0'].map((name) => `${name}.conv.weight`);
const values = ({ parameters }: Model) => parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);

async function expectSameLogits(compacted: Model, masked: Model): Promise<void> {
  const images = smallImages(4);
  const [found, expected] = [await compacted.predict(images), await masked.predict(images)];
  const worst = found.data.reduce((most, value, i) => Math.max(most, Math.abs(value - expected.data[i]!)), 0);
  expect(worst).toBeLessThan(1e-5);
}

describe('a network without the channels that masks remove', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('gives the same logits, whichever channels go: seed %i', async (seed) => {
    using dense = small();
    using masked = await dense.masked(withoutOutputs(dense, kernels, [0.3, 0.5, 0.8][seed % 3]!, seed));
    using compacted = await masked.compacted();
    await expectSameLogits(compacted, masked);
    expect(values(compacted)).toBeLessThanOrEqual(values(masked));
  });

  test('loses the inner channels of a block, and what read them', async () => {
    using dense = small();
    const mask = Uint8Array.from({ length: 4 * 4 * 9 }, (_, i) => Number(i >= 2 * 36));
    using masked = await dense.masked(new Map([['a.1.conv.weight', mask]]));
    using compacted = await masked.compacted();
    const shapes = new Map(compacted.parameters.map(({ name, shape }) => [name, shape]));
    expect(shapes.get('a.1.conv.weight')).toEqual([2, 4, 3, 3]);
    expect(shapes.get('a.1.norm.running_mean')).toEqual([2]);
    expect(shapes.get('a.2.conv.weight')).toEqual([4, 2, 3, 3]);
    expect(shapes.get('b.1.conv.weight')).toEqual([6, 4, 3, 3]);
    await expectSameLogits(compacted, masked);
  });

  test('keeps a channel that a sum needs, until all of its parts are removed', async () => {
    using dense = small();
    const first = (shape: readonly number[]) =>
      Uint8Array.from({ length: sizeOf(shape) }, (_, i) => Number(i >= sizeOf(shape.slice(1))));
    const one = new Map([['b.2.conv.weight', first([6, 6, 3, 3])]]);
    using masked = await dense.masked(one);
    using same = await masked.compacted();
    expect(values(same)).toBe(values(masked));
    using both = await masked.masked(new Map([['b.0.conv.weight', first([6, 4, 1, 1])]]));
    using compacted = await both.compacted();
    const shapes = new Map(compacted.parameters.map(({ name, shape }) => [name, shape]));
    expect(shapes.get('b.2.conv.weight')).toEqual([5, 6, 3, 3]);
    expect(shapes.get('head.weight')).toEqual([3, 5]);
    await expectSameLogits(compacted, both);
  });

  test('keeps its other masks, and one channel where all could go', async () => {
    using dense = small();
    const everything = withoutOutputs(dense, ['a.1.conv.weight'], 2, 0);
    const scattered = Uint8Array.from({ length: 4 * 4 * 9 }, (_, i) => Number(i % 3 !== 0));
    using masked = await dense.masked(new Map([...everything, ['a.2.conv.weight', scattered]]));
    using compacted = await masked.compacted();
    expect((await compacted.weights()).get('a.1.conv.weight')!.shape).toEqual([1, 4, 3, 3]);
    const kept = compacted.masks.get('a.2.conv.weight')!;
    const expected = Array.from({ length: 36 }, (_, i) => scattered[Math.floor(i / 9) * 36 + (i % 9)]);
    expect([...kept]).toEqual(expected);
    await expectSameLogits(compacted, masked);
  });
});
