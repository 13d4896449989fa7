import { conceptImportance, type Matrix } from '@espalier/concept-activations';
import { type Model, type NdArray, ndArray } from '@espalier/core';
import { toyModel } from '@espalier/core/testing';
import { describe, expect, test } from 'vitest';

const design = { points: 16, maxPoints: 256, replicates: 4, errorTarget: 0.01, seed: 0 } as const;

/** Two places, two features, two concepts along the features; the logit of class 1 is what `output` says. */
function head(output: (activations: Float32Array) => number, watch: (batch: NdArray) => void = () => {}) {
  const model: Model = {
    ...toyModel(),
    layers: [{ name: 'late', height: 1, width: 2, features: 2, isStage: true, isComplete: true }],
    classify: async (batch) => {
      watch(batch);
      const count = batch.shape[0]!;
      const values = Array.from({ length: count }, (_, n) => output(batch.data.subarray(4 * n, 4 * n + 4)));
      return ndArray('n k', [count, 2], Float32Array.from(values.flatMap((value) => [-1, value])));
    },
  };
  return { model, layer: 'late', classIndex: 1 };
}

const axes: Matrix = { rows: 2, columns: 2, data: Float64Array.of(1, 0, 0, 1) };
const codes = Float32Array.of(1, 0, 2, 4);

test('a mask scales its concept at every place', async () => {
  const { importance } = await conceptImportance(
    head(([a, b, c, d]) => a! + b! + c! + d!),
    { codes },
    axes,
    design,
  );
  // Concept 0 adds 3 times its mask, concept 1 4 times.
  expect(importance[0]).toBeCloseTo(9 / 25, 6);
  expect(importance[1]).toBeCloseTo(16 / 25, 6);
});

test('what concepts leave unexplained stays in place, and never goes below zero', async () => {
  const seen: number[] = [];
  const { importance } = await conceptImportance(
    head(
      ([a, b]) => a! * b!,
      ({ data }) => seen.push(Math.min(...data)),
    ),
    { codes: Float32Array.of(1, 0, 0, 0), rest: Float32Array.of(-0.25, 2, 0, 0) },
    axes,
    design,
  );
  expect(importance[0]).toBeCloseTo(1, 6);
  expect(importance[1]).toBeCloseTo(0, 5);
  expect(Math.min(...seen)).toBe(0);
});

describe('the design', () => {
  const watched = async (output: (activations: Float32Array) => number, changes: object) => {
    const batches: number[] = [];
    const found = await conceptImportance(
      head(output, ({ shape }) => batches.push(shape[0]! / 3)),
      { codes },
      axes,
      { ...design, ...changes },
    );
    return { ...found, batches };
  };
  const product = ([, , c, d]: Float32Array) => c! * d!;

  test('begins small, which is enough for a linear output', async () => {
    const { error, batches } = await watched(([a]) => a!, {});
    expect(batches).toEqual([16, 16, 16, 16]);
    expect(Math.max(...error)).toBeLessThan(1e-6);
  });

  test('doubles until the error is small enough, and evaluates no mask twice', async () => {
    const { error, batches } = await watched(product, { errorTarget: 0.01, maxPoints: 4096, replicates: 2 });
    expect(Math.max(...error)).toBeLessThanOrEqual(0.01);
    expect(batches.length).toBeGreaterThan(2);
    expect(batches).toEqual([16, 16, 16, 16, 32, 32, 64, 64, 128, 128, 256, 256].slice(0, batches.length));
  });

  test('doubling gives what the larger design gives at once', async () => {
    const grown = await watched(product, { errorTarget: 0, maxPoints: 64 });
    const atOnce = await watched(product, { errorTarget: 0, points: 64, maxPoints: 64 });
    expect(grown.importance).toEqual(atOnce.importance);
    expect(grown.error).toEqual(atOnce.error);
  });

  test('states an error that covers the truth', async () => {
    // x y of uniform x and y: 4/7 each. Twenty estimates of four replicates: Student's t with 3 degrees, 99.9 %.
    for (let seed = 0; seed < 10; seed++) {
      const { importance, error } = await watched(product, { seed, points: 64, maxPoints: 64 });
      for (const k of [0, 1]) expect(Math.abs(importance[k]! - 4 / 7)).toBeLessThan(12.9 * error[k]!);
    }
  });
});

test('asks the model about at most 64 MiB of activations at once', async () => {
  const sizes: number[] = [];
  const model: Model = {
    ...toyModel(),
    layers: [{ name: 'large', height: 512, width: 512, features: 2, isStage: true, isComplete: true }],
    classify: async ({ data, shape }) => {
      sizes.push(data.byteLength);
      return ndArray('n k', [shape[0]!, 2]);
    },
  };
  const large = { model, layer: 'large', classIndex: 0 };
  await conceptImportance(large, { codes: new Float32Array(2 * 512 ** 2) }, axes, { ...design, replicates: 2 });
  // Three masks of 2 MiB each per point: ten points fit.
  expect(sizes).toEqual([30, 18, 30, 18].map((masks) => masks * 2 ** 21));
});
