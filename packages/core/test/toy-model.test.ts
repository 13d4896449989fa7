import { ndArray, proveSparsity } from '@espalier/core';
import { toyModel, toySplit } from '@espalier/core/testing';
import { expect, test } from 'vitest';

test("the toy model's gradient agrees with finite differences", async () => {
  const model = toyModel(1, { height: 4, width: 4 });
  const images = await toySplit(2, { height: 4, width: 4 }).images([0, 1]);
  const gradient = await model.inputGradient(images, [2, 0]);
  const step = 1e-3; // small: the network is piecewise linear, and a step must not cross a kink
  let worst = 0;
  for (let i = 0; i < images.data.length; i++) {
    const logit = async (change: number) => {
      const data = images.data.slice();
      data[i]! += change;
      const n = i < 48 ? 0 : 1;
      return (await model.predict(ndArray('n h w c', images.shape, data))).data[n * 3 + (n === 0 ? 2 : 0)]!;
    };
    worst = Math.max(
      worst,
      Math.abs((await logit(step)) / 2 / step - (await logit(-step)) / 2 / step - gradient.data[i]!),
    );
  }
  expect(worst).toBeLessThan(5e-4); // float32 logits of size 1 (6e-8) over a step of 0.002, a few roundings
});

test('classify continues where activations stopped', async () => {
  const model = toyModel(2);
  const images = await toySplit(3).images([0, 1, 2]);
  expect(await model.classify(await model.activations(images, 'features'), 'features')).toEqual(
    await model.predict(images),
  );
});

test('the sparsity proof counts zeros, and masks accumulate', async () => {
  const model = toyModel(0);
  const keep = (count: number, zeros: readonly number[]) =>
    Uint8Array.from({ length: count }, (_, i) => Number(!zeros.includes(i)));
  const once = await model.masked(new Map([['fc.weight', keep(15, [0, 1, 2])]]));
  const twice = await once.masked(new Map([['fc.weight', keep(15, [2, 3])]]));
  const proof = await proveSparsity(twice);
  expect(proof.kernels).toEqual([
    { name: 'conv.weight', total: 60, nonzero: 60 },
    { name: 'fc.weight', total: 15, nonzero: 11 },
  ]);
  expect(proof.kernelSparsity).toBeCloseTo(4 / 75, 12);
  expect(proof.parameterSparsity).toBeCloseTo(4 / 80, 12);
  expect(proof.maskDigest).not.toBe((await proveSparsity(once)).maskDigest);
});
