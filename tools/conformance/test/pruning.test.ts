import { createFrom, type Masks, type Model, plainServices, proveSparsity } from '@espalier/core';
import { magnitude } from '@espalier/pruner-magnitude';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasReference, hasTensorflow, readReference, referenceModel } from './reference.ts';

describe.skipIf(!hasReference)('pruning against torch.nn.utils.prune (skipped when: no reference values)', () => {
  const levels = hasReference ? Object.entries(readReference().prune) : [];
  let model: Model;
  beforeAll(async () => {
    model = await referenceModel(hasTensorflow ? 'tensorflow' : 'wasm');
  });
  afterAll(() => model[Symbol.dispose]());

  const prune = async (start: Model, options: object): Promise<Masks> =>
    (await createFrom(magnitude, options, plainServices())).mask(start, {});

  test.each(levels)(
    '%s %: kept counts per kernel are exactly PyTorch’s',
    async (percent, { kept_per_kernel }) => {
      const masks = await prune(model, { sparsity: Number(percent) / 100, ties: 'torch' });
      expect(keptCounts(masks)).toEqual(kept_per_kernel);
    },
    300_000,
  );

  // The checkpoint is float16, so thousands of weights tie at each threshold; only which of those goes is open.
  test.each(levels)(
    '%s %: with ties to the lower index the total is exact too',
    async (percent, { kept_per_kernel }) => {
      const masks = await prune(model, { sparsity: Number(percent) / 100 });
      expect(sum(keptCounts(masks))).toBe(sum(kept_per_kernel));
      const weights = [...masks.values()].reduce((total, mask) => total + mask.length, 0);
      for (const [name, kept] of Object.entries(keptCounts(masks))) {
        expect(Math.abs(kept - kept_per_kernel[name]!) / weights, name).toBeLessThan(1e-4);
      }
    },
    300_000,
  );

  test('level after level keeps as many weights as at once, and the model is as sparse as its masks', async () => {
    let current = model;
    for (const [percent, { kept_per_kernel }] of levels) {
      const pruned = await current.masked(await prune(current, { sparsity: Number(percent) / 100 }));
      if (current !== model) current[Symbol.dispose]();
      current = pruned;
      const { kernels } = await proveSparsity(current);
      expect(kernels.reduce((total, { nonzero }) => total + nonzero, 0)).toBe(sum(kept_per_kernel));
    }
    current[Symbol.dispose]();
  }, 300_000);
});

function keptCounts(masks: Masks): Record<string, number> {
  return Object.fromEntries([...masks].map(([name, mask]) => [name, mask.reduce((kept, keep) => kept + keep, 0)]));
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
