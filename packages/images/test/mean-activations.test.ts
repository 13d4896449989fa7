import { type Crop, type Model, ndArray } from '@espalier/core';
import { toyModel } from '@espalier/core/testing';
import { meanActivations } from '@espalier/images';
import { beforeEach, expect, test, vi } from 'vitest';
import { keepMeans, keptMeans } from '../src/kept-activations.ts';

const crops: readonly Crop[] = [0, 4].map((top) => ({ image: 0, top, left: 0, size: 4 }));
const told = () => {};
let model: Model;
let calls: ReturnType<typeof vi.spyOn>;

beforeEach(() => {
  model = toyModel(1);
  calls = vi.spyOn(model, 'activations');
});

const photograph = (brightness: number) =>
  ndArray(
    'n h w c',
    [1, 8, 8, 3],
    Float32Array.from({ length: 192 }, (_, i) => ((i * 7) % 11) / 11 + brightness),
  );
const seen = (changes: object = {}) => ({ model, layer: 'features', images: photograph(0), crops, ...changes });

test('one model sees the same crops once, whoever asks', async () => {
  const first = await meanActivations(seen(), { told });
  const before = first.slice();
  const done: number[] = [];
  first.fill(7); // what is given belongs to the caller
  const again = await meanActivations(seen(), { told: (count) => done.push(count) });
  expect(again).toEqual(before);
  expect(done).toEqual([2]);
  expect(calls).toHaveBeenCalledTimes(1);
});

test('other images, crops or models are seen anew', async () => {
  await meanActivations(seen(), { told });
  await meanActivations(seen({ images: photograph(0.01) }), { told });
  await meanActivations(seen({ crops: crops.slice(1) }), { told });
  expect(calls).toHaveBeenCalledTimes(3);
  const other = toyModel(2);
  const ofOther = await meanActivations(seen({ model: other }), { told });
  expect(ofOther).not.toEqual(await meanActivations(seen(), { told }));
});

test('who refuses some activations sees them all', async () => {
  await meanActivations(seen(), { told });
  const refuse = vi.fn();
  await meanActivations(seen(), { told, refuse });
  expect(refuse).toHaveBeenCalledTimes(2);
  const nan = {
    ...model,
    activations: async () => ndArray('n h w d', [2, 4, 4, 5], new Float32Array(160).fill(Number.NaN)),
  };
  await expect(meanActivations(seen({ model: nan }), { told })).rejects.toThrow('activations of "features"');
});

test('what was not used for longest goes when there is too much', () => {
  const large = new Float64Array(3 * 2 ** 20); // 24 MiB: two are kept
  for (const key of ['a', 'b']) keepMeans(model, key, large);
  expect(keptMeans(model, 'a')).toHaveLength(large.length);
  keepMeans(model, 'c', large);
  expect(['a', 'b', 'c'].map((key) => keptMeans(model, key) !== undefined)).toEqual([true, false, true]);
});
