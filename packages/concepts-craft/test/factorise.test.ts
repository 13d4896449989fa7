import { gram, type Matrix, multiplyByTransposed, relativeError, transposed } from '@espalier/concept-activations';
import { extremeRows, factorise, randomMeans } from '@espalier/concepts-craft';
import { randomStream } from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { descend } from '../src/factorisation/coordinate-descent.ts';

import { reference } from './reference.ts';

const stopping = { tolerance: 1e-3, maxIterations: 2000 };

describe.each(reference.factorisations)('$shape values of rank $rank', ({ shape, rank, values, error }) => {
  const A = matrix(shape[0], shape[1], values);
  // The bar is 2 % above scikit-learn's best; where A has the rank exactly, both errors are next to nothing.
  const bar = Math.max(1.02 * error, 2e-3);

  test('from extreme rows', () => {
    const found = factorise(A, extremeRows(A, rank, randomStream(0)), stopping);
    expect(found.stop).toBe('converged');
    expect(found.relativeError).toBeLessThanOrEqual(bar);
  });

  test('from random means, the best of three', () => {
    const errors = [0, 1, 2].map(
      (seed) => factorise(A, randomMeans(A, rank, randomStream(seed)), stopping).relativeError,
    );
    expect(Math.min(...errors)).toBeLessThanOrEqual(1.1 * bar);
  });
});

describe('a factorisation', () => {
  const A = matrix(
    12,
    9,
    Array.from({ length: 108 }, (_, i) => Math.abs(Math.sin(i * i))),
  );
  const start = () => extremeRows(A, 3, randomStream(0));

  test('is non-negative and states its own error', () => {
    const { codes, directions, relativeError: stated } = factorise(A, start(), stopping);
    for (const { data } of [codes, directions]) expect(data.every((value) => value >= 0)).toBe(true);
    expect(stated).toBeCloseTo(slowError(A, codes, directions), 12);
  });

  test('reaches what plain multiplicative updates reach', () => {
    const found = factorise(A, start(), { tolerance: 1e-6, maxIterations: 5000 });
    expect(found.relativeError).toBeLessThanOrEqual(multiplicativeUpdates(A, start(), 5000) * 1.001);
  });

  test('updates as its slow form says', () => {
    const W = extremeRows(A, 3, randomStream(1)); // one column per concept
    const [fast, slow] = [matrix(12, 3, new Array(36).fill(0.1)), matrix(12, 3, new Array(36).fill(0.1))];
    const cross = matrix(12, 3, new Array(36).fill(0));
    multiplyByTransposed(A, transposed(W), cross);
    descend(fast, gram(W), cross, 2);
    for (let sweep = 0; sweep < 2; sweep++) slowSweep(A, slow, W);
    fast.data.forEach((value, i) => {
      expect(value).toBeCloseTo(slow.data[i]!, 12);
    });
  });

  test('leaves its arguments alone', () => {
    const directions = start();
    factorise(A, directions, stopping);
    expect(directions).toEqual(start());
  });

  test('of zeros is zero', () => {
    const zero = matrix(5, 4, new Array(20).fill(0));
    const found = factorise(zero, extremeRows(zero, 2, randomStream(0)), stopping);
    expect(found.relativeError).toBe(0);
    expect(found.codes.data.every((value) => value === 0)).toBe(true);
  });

  test('of one kind of row, asked for more concepts than there are, stays finite', () => {
    const same = matrix(
      6,
      3,
      Array.from({ length: 18 }, (_, i) => (i % 3) * (1 + Math.floor(i / 3))),
    );
    const found = factorise(same, extremeRows(same, 3, randomStream(0)), stopping);
    expect(found.relativeError).toBeLessThan(1e-3);
    expect([...found.codes.data, ...found.directions.data].every(Number.isFinite)).toBe(true);
  });
});

test('extreme rows are the corners of what is mixed', () => {
  const corners = [
    [1, 0, 0],
    [0, 2, 0],
    [0, 0, 3],
  ];
  const mixtures = [[0.3, 0.4, 0.3], corners[2]!, [0.1, 0.1, 0.9], corners[0]!, [0.5, 1, 0], corners[1]!];
  const found = extremeRows(matrix(6, 3, mixtures.flat()), 3, randomStream(0));
  const columns = [0, 1, 2].map((k) => [0, 1, 2].map((d) => found.data[d * 3 + k]));
  expect(columns).toEqual([corners[2], corners[1], corners[0]]);
});

test('relative error agrees with its definition', () => {
  const value = fc.integer({ min: 0, max: 9 });
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 15, maxLength: 15 }),
      fc.array(value, { minLength: 10, maxLength: 10 }),
      fc.array(value, { minLength: 6, maxLength: 6 }),
      (a, u, v) => {
        const [A, U, V] = [matrix(5, 3, [...a.slice(0, 14), 1]), matrix(5, 2, u), matrix(3, 2, v)];
        expect(relativeError(A, U, { directions: V })).toBeCloseTo(slowError(A, U, V), 12);
      },
    ),
  );
});

function matrix(rows: number, columns: number, values: readonly number[]): Matrix {
  return { rows, columns, data: Float64Array.from(values) };
}

function rebuilt(U: Matrix, V: Matrix): number[] {
  return Array.from({ length: U.rows * V.rows }, (_, at) => {
    const [i, j] = [Math.floor(at / V.rows), at % V.rows];
    let sum = 0;
    for (let k = 0; k < U.columns; k++) sum += U.data[i * U.columns + k]! * V.data[j * V.columns + k]!;
    return sum;
  });
}

function slowError(A: Matrix, U: Matrix, V: Matrix): number {
  const norm = Math.hypot(...A.data);
  return Math.hypot(...rebuilt(U, V).map((value, i) => A.data[i]! - value)) / norm;
}

/** One sweep over U, as `factorise` derives it. */
function slowSweep(A: Matrix, U: Matrix, W: Matrix): void {
  for (let i = 0; i < U.rows; i++)
    for (let k = 0; k < U.columns; k++) {
      const rest = Array.from({ length: A.columns }, (_, j) => {
        const others = [0, 1, 2].filter((l) => l !== k).map((l) => U.data[i * 3 + l]! * W.data[j * 3 + l]!);
        return A.data[i * A.columns + j]! - others.reduce((sum, value) => sum + value, 0);
      });
      const along = (values: readonly number[]) =>
        values.reduce((sum, value, j) => sum + value * W.data[j * 3 + k]!, 0);
      U.data[i * 3 + k] = Math.max(0, along(rest) / along(rest.map((_, j) => W.data[j * 3 + k]!)));
    }
}

/** Lee & Seung (2001): the slow, obvious way, which never increases the error. */
function multiplicativeUpdates(A: Matrix, start: Matrix, iterations: number): number {
  const [n, d, r] = [A.rows, A.columns, start.columns];
  const U = matrix(n, r, new Array(n * r).fill(1));
  const V = matrix(
    d,
    r,
    [...start.data].map((value) => value + 0.01),
  );
  for (let iteration = 0; iteration < iterations; iteration++) {
    for (const [X, F, at] of [
      [U, V, (i: number, j: number) => i * d + j],
      [V, U, (j: number, i: number) => i * d + j],
    ] as const) {
      const model = rebuilt(U, V);
      for (let i = 0; i < X.rows; i++) {
        for (let k = 0; k < r; k++) {
          let [up, down] = [0, 1e-300];
          for (let j = 0; j < F.rows; j++) {
            up += A.data[at(i, j)]! * F.data[j * r + k]!;
            down += model[at(i, j)]! * F.data[j * r + k]!;
          }
          X.data[i * r + k]! *= up / down;
        }
      }
    }
  }
  return slowError(A, U, V);
}
