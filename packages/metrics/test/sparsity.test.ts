import { createFrom, plainServices } from '@espalier/core';
import { describeMetric, toyModel } from '@espalier/core/testing';
import { sparsity } from '@espalier/metrics';
import { expect, test } from 'vitest';

describeMetric('sparsity', () => createFrom(sparsity, {}, plainServices()));

test('counts zeros per kernel, over all kernels and over all parameters, worked by hand', async () => {
  const mask = Uint8Array.from({ length: 15 }, (_, i) => Number(i >= 6));
  const model = await toyModel().masked(new Map([['fc.weight', mask]]));
  const [kernels, parameters] = await (await createFrom(sparsity, {}, plainServices())).measure({ model });
  expect(kernels).toMatchObject({ ids: ['conv.weight', 'fc.weight', 'all kernels'], summary: 'last' });
  [0, 6 / 15, 6 / 75].forEach((value, i) => {
    expect(kernels?.values[i]).toBeCloseTo(value, 14);
  });
  expect(parameters?.ids).toEqual(['all parameters']);
  expect(parameters?.values[0]).toBeCloseTo(6 / 80, 14); // 60 + 5 + 15 parameters
});
