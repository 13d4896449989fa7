import { readFileSync } from 'node:fs';
import { createFrom, type Masks, type Model, ndArray, plainServices } from '@espalier/core';
import { describePruner, toyModel } from '@espalier/core/testing';
import { magnitude } from '@espalier/pruner-magnitude';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

for (const scope of ['global', 'layerwise']) {
  describePruner(`prune, ${scope}`, (sparsity) => createFrom(magnitude, { sparsity, scope }, plainServices()));
}

describe('a model with two kernels, worked by hand', () => {
  const model = () => modelWith({ a: [0.1, -4, 2, 0.2], b: [-0.2, 3] });

  test('global: the smallest of both, of equals the first', async () => {
    expect(await prune(model(), { sparsity: 1 / 3 })).toEqual({ a: [0, 1, 1, 0], b: [1, 1] });
  });

  test('layerwise: the smallest of each', async () => {
    expect(await prune(model(), { sparsity: 0.5, scope: 'layerwise' })).toEqual({ a: [0, 1, 1, 0], b: [0, 1] });
  });

  test('an excluded kernel is neither masked nor counted', async () => {
    expect(await prune(model(), { sparsity: 0.5, exclude: ['a'] })).toEqual({ b: [0, 1] });
  });

  test('biases, scales and statistics are never masked', async () => {
    const masks = await (await createFrom(magnitude, { sparsity: 0.5 }, plainServices())).mask(toyModel(), {});
    expect([...masks.keys()]).toEqual(['conv.weight', 'fc.weight']);
  });
});

test('counts round halves to even, as Python does', async () => {
  const five = modelWith({ a: [5, 4, 3, 2, 1] });
  expect(await prune(five, { sparsity: 0.5 })).toEqual({ a: [1, 1, 1, 0, 0] });
});

test('a second level counts what the first removed, and keeps it removed', async () => {
  const dense = modelWith({ a: [1, 2, 3, 4], b: [5, 6, 7, 8] });
  const pruned = { ...dense, masks: new Map([['b', Uint8Array.of(1, 1, 1, 0)]]) };
  expect(await prune(pruned, { sparsity: 0.5 })).toEqual({ a: [0, 0, 0, 1], b: [1, 1, 1, 0] });
});

test('levels nest, whatever ties there are', async () => {
  const weights = fc.array(fc.constantFrom(-1, -0.5, -0, 0, 0.5, 1), { minLength: 1, maxLength: 40 });
  const percent = fc.integer({ min: 0, max: 99 });
  await fc.assert(
    fc.asyncProperty(weights, weights, percent, percent, async (a, b, p, q) => {
      const model = modelWith({ a, b });
      const [loose, tight] = await Promise.all(
        [Math.min(p, q), Math.max(p, q)].map((level) => prune(model, { sparsity: level / 100 })),
      );
      for (const name of ['a', 'b']) {
        expect(tight![name]!.every((keep, i) => keep <= loose![name]![i]!)).toBe(true);
      }
    }),
  );
});

test('three iterated levels of 20 % of what is left remove 48.8 %, counted as PyTorch counts', async () => {
  let model = modelWith({ a: Array.from({ length: 1000 }, (_, i) => Math.sin(i)) });
  for (const [target, expected] of [
    [0.2, 200],
    [0.36, 360],
    [0.488, 488],
  ] as const) {
    const masks = await (await createFrom(magnitude, { sparsity: target }, plainServices())).mask(model, {});
    model = { ...model, masks };
    expect(masks.get('a')!.filter((keep) => keep === 0).length).toBe(expected);
  }
});

/** Made by tools/reference/torch-prune.py: what three rounds of a quarter of what is left remove from two kernels. */
const rounds: { kernels: readonly number[][]; removed: readonly (readonly number[][])[] } = JSON.parse(
  readFileSync(new URL('fixtures/torch-rounds.json', import.meta.url), 'utf8'),
);

test('three rounds of global_unstructured of PyTorch remove the same weights, 250 of 1,002 first: halves to even', async () => {
  const [a, b] = rounds.kernels;
  const total = a!.length + b!.length;
  let model = modelWith({ a: a!, b: b! });
  for (const removed of rounds.removed) {
    const sparsity = removed.flat().length / total;
    const masks = await (await createFrom(magnitude, { sparsity }, plainServices())).mask(model, {});
    model = { ...model, masks };
    const found = ['a', 'b'].map((name) => [...masks.get(name)!.keys()].filter((i) => masks.get(name)![i] === 0));
    expect(found).toEqual(removed);
  }
  const first = await (await createFrom(magnitude, { sparsity: 0.25 }, plainServices())).mask(
    modelWith({ a: a!, b: b! }),
    {},
  );
  expect([...first.values()].flatMap((mask) => [...mask]).filter((keep) => keep === 0).length).toBe(250);
});

test('a kernel that loses all its weights is reported', async () => {
  const lines: string[] = [];
  const pruner = await createFrom(magnitude, { sparsity: 0.5 }, plainServices({ log: (line) => lines.push(line) }));
  await pruner.mask(modelWith({ a: [1, 1], b: [2, 2] }), {});
  expect(lines).toEqual(['a loses all its weights at sparsity 0.5']);
});

describe('refuses', () => {
  test('a misspelt option', async () => {
    await expect(createFrom(magnitude, { spasity: 0.9 }, plainServices())).rejects.toThrowErrorMatchingInlineSnapshot(`
      [StudyError: Options of the pruner "prune" are not valid:
      ✖ Unrecognized key: "spasity"
      ✖ Invalid input: expected number, received undefined
        → at sparsity]
    `);
  });
});

async function prune(model: Model, options: object): Promise<Record<string, number[]>> {
  const masks: Masks = await (await createFrom(magnitude, options, plainServices())).mask(model, {});
  return Object.fromEntries([...masks].map(([name, mask]) => [name, [...mask]]));
}

/** A model that only has kernels, one flat array each. */
function modelWith(kernels: Readonly<Record<string, readonly number[]>>): Model {
  const entries = Object.entries(kernels);
  return {
    ...toyModel(),
    parameters: entries.map(([name, values]) => ({ name, shape: [values.length], role: 'kernel' })),
    weights: async () =>
      new Map(entries.map(([name, values]) => [name, ndArray('i', [values.length], Float32Array.from(values))])),
  };
}
