import { type Model, ndArray, pruneOptions, removals, roundHalfEven } from '@espalier/core';
import { toyModel } from '@espalier/core/testing';
import { describe, expect, test } from 'vitest';

test('counts round halves to even, as Python does', () => {
  expect([0.5, 1.5, 2.5, 2.500001, 3.4999, 7].map(roundHalfEven)).toEqual([0, 2, 2, 3, 3, 7]);
});

describe('what reaching a sparsity removes', () => {
  const model = modelWith({ a: 4, b: 6 });

  test('of all kernels together', async () => {
    expect(await counts(model, { sparsity: 0.25 })).toEqual([{ kernels: ['a', 'b'], count: 2 }]);
  });

  test('of each by itself', async () => {
    expect(await counts(model, { sparsity: 0.25, scope: 'layerwise' })).toEqual([
      { kernels: ['a'], count: 1 },
      { kernels: ['b'], count: 2 },
    ]);
  });

  test('less what is already removed', async () => {
    const pruned = { ...model, masks: new Map([['b', Uint8Array.of(1, 1, 1, 0, 1, 0)]]) };
    expect(await counts(pruned, { sparsity: 0.5 })).toEqual([{ kernels: ['a', 'b'], count: 3 }]);
  });

  test('without an excluded kernel, or all under a prefix', async () => {
    expect(await counts(model, { sparsity: 0.5, exclude: ['a'] })).toEqual([{ kernels: ['b'], count: 3 }]);
    const nested = modelWith({ 'block.a': 2, 'block.b': 2, blocks: 2 });
    expect(await counts(nested, { sparsity: 0.5, exclude: ['block.*'] })).toEqual([{ kernels: ['blocks'], count: 1 }]);
  });
});

describe('refuses', () => {
  test('a sparsity below what is already removed', async () => {
    const model = { ...modelWith({ a: 4 }), masks: new Map([['a', Uint8Array.of(0, 0, 1, 1)]]) };
    await expect(counts(model, { sparsity: 0.25 })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[StudyError: Pruning can only remove more: in "a", 2 of 4 weights are already removed (sparsity 0.5000), and the asked sparsity allows 1 (0.2500). Ask for at least 0.5000, or prune a denser model.]`,
    );
  });

  test('an exclusion that names nothing, with close names', async () => {
    await expect(
      counts(toyModel(), { sparsity: 0.5, exclude: ['fc.weights', 'conv.bias'] }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[StudyError: \`exclude\` expects names of kernels, or prefixes that end in ".*"; "fc.weights" is not there; close names are "fc.weight", "conv.weight"; "conv.bias" is a bias, which is never pruned. Write the names as the model has them.]`,
    );
  });

  test('an exclusion that leaves nothing', async () => {
    await expect(
      counts(toyModel(), { sparsity: 0.5, exclude: ['conv.*', 'fc.*'] }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[StudyError: Pruning needs at least one kernel; \`exclude\` names all 2 of the model. Exclude fewer.]`,
    );
  });
});

async function counts(model: Model, options: object): Promise<{ kernels: string[]; count: number }[]> {
  const found = await removals(model, pruneOptions.parse(options));
  return found.map(({ kernels, count }) => ({ kernels: kernels.map(({ name }) => name), count }));
}

/** A model that only has kernels, one flat array each, of the given lengths. */
function modelWith(lengths: Readonly<Record<string, number>>): Model {
  const entries = Object.entries(lengths);
  return {
    ...toyModel(),
    parameters: entries.map(([name, length]) => ({ name, shape: [length], role: 'kernel' })),
    weights: async () =>
      new Map(entries.map(([name, length]) => [name, ndArray('i', [length], new Float32Array(length))])),
  };
}
