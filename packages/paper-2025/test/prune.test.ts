import { readFileSync } from 'node:fs';
import {
  createFrom,
  labelOf,
  labelText,
  type Masks,
  type Model,
  ndArray,
  type ParameterRole,
  parseOptions,
  plainServices,
} from '@espalier/core';
import { describePruner, toyModel } from '@espalier/core/testing';
import { percentile, prune, roundMasks } from '@espalier/paper-2025';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

// Made by tools/reference/paper-pruning.py with NumPy 2.4.6.
const reference: {
  rounds: { weights: Record<string, number[]>; masks: Record<string, number[]> }[];
  percentiles: { values: number[]; expected: { percent: number; value: number }[] };
} = JSON.parse(readFileSync(new URL('fixtures/rounds.json', import.meta.url), 'utf8'));

const paper = (options: object) => createFrom(prune, options, plainServices());

describePruner('prune of the paper', (sparsity) => paper({ sparsity, amount: Math.max(sparsity, 0.01) }));

test('three rounds of a model that regrows are masked as the released code masks them', async () => {
  let unenforced: Masks | undefined;
  for (const { weights, masks } of reference.rounds) {
    unenforced = await (await paper({ sparsity: 0.2 })).mask(modelWith(weights), unenforced ? { unenforced } : {});
    expect(Object.fromEntries([...unenforced].map(([name, mask]) => [name, [...mask]]))).toEqual(masks);
  }
});

test('percentiles are those of NumPy', () => {
  const values = Float32Array.from(reference.percentiles.values);
  for (const { percent, value } of reference.percentiles.expected) {
    // NumPy interpolates in float32: a product and a sum, each rounded.
    expect(Math.abs(percentile(values, percent / 100) / value - 1), `${percent} %`).toBeLessThan(2 ** -22);
  }
  expect(percentile(Float32Array.of(3), 0.2)).toBe(3);
});

describe('a round, worked by hand', () => {
  test('the percentile is over what is not zero, and what equals it stays', async () => {
    // |values| not zero: 1 2 2 3 3 4; a fifth of the way is 2 exactly.
    const model = modelWith({ 'a.weight': [0, 1, -2, 2, 3, -3, 4, 0] });
    expect(await masksOf(model, 0.2)).toEqual({ 'a.weight': [0, 0, 1, 1, 1, 1, 1, 0] });
  });

  test('scales count as weights, biases and statistics do not', async () => {
    const model = modelWith({ 'bn.weight': [1, 2], 'bn.bias': [1, 2], 'bn.running_mean': [1, 2] });
    expect(await masksOf(model, 0.5)).toEqual({ 'bn.weight': [0, 1] });
    expect(await masksOf(model, 0.5, false)).toEqual({});
    const asked = parseOptions(prune, { sparsity: 0.2, scales: false });
    expect(labelText(labelOf(prune, asked))).toBe('paper-2025 (scales=false)');
  });

  test('a parameter that is zero everywhere stays as it is', async () => {
    expect(await masksOf(modelWith({ 'a.weight': [0, 0] }), 0.5)).toEqual({ 'a.weight': [1, 1] });
  });

  test('masks that the model enforces and masks that nothing enforces both stay', async () => {
    const model = {
      ...modelWith({ 'a.weight': [5, 6, 1, 7] }),
      masks: new Map([['a.weight', Uint8Array.of(0, 1, 1, 1)]]),
    };
    const masks = await roundMasks(model, new Map([['a.weight', Uint8Array.of(1, 0, 1, 1)]]), {
      amount: 0.1,
      scales: true,
    });
    expect(masks.get('a.weight')).toEqual(Uint8Array.of(0, 0, 0, 1));
  });
});

test('without ties, a round of a fifth takes a fifth of what is left, rounded up, of every parameter', async () => {
  const distinct = fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: 2, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(distinct, async (values) => {
      const { 'a.weight': mask } = await masksOf(modelWith({ 'a.weight': values }), 0.2);
      // place = 0.2 (n - 1): what lies strictly below it
      expect(mask!.filter((keep) => keep === 0).length).toBe(Math.ceil(0.2 * (values.length - 1) - 1e-9));
    }),
  );
});

test('a level is only a name: any order of levels will do, and what is no name for one is refused', async () => {
  const before = { options: prune.options.parse({ sparsity: 0.5 }), kindOptions: { enforceMasks: true } };
  expect(prune.check?.(prune.options.parse({ sparsity: 0.3 }), { folder: '.', before })).toBeUndefined();
  expect((await paper({ sparsity: 0.3 })).sparsityIs).toBe('nominal');
  await expect(paper({ sparsity: 0.2, scope: 'layerwise' })).rejects.toThrowErrorMatchingInlineSnapshot(`
    [StudyError: Options of the pruner "prune" are not valid:
    ✖ Unrecognized key: "scope"]
  `);
});

async function masksOf(model: Model, amount: number, scales = true): Promise<Record<string, number[]>> {
  const masks = await roundMasks(model, undefined, { amount, scales });
  return Object.fromEntries([...masks].map(([name, mask]) => [name, [...mask]]));
}

function modelWith(arrays: Readonly<Record<string, readonly number[]>>): Model {
  const entries = Object.entries(arrays);
  return {
    ...toyModel(),
    parameters: entries.map(([name, values]) => ({ name, shape: [values.length], role: roleOf(name) })),
    weights: async () =>
      new Map(entries.map(([name, values]) => [name, ndArray('i', [values.length], Float32Array.from(values))])),
  };
}

function roleOf(name: string): ParameterRole {
  if (name.startsWith('bn')) return name.endsWith('weight') ? 'scale' : name.endsWith('bias') ? 'shift' : 'statistic';
  return name.endsWith('bias') ? 'bias' : 'kernel';
}
