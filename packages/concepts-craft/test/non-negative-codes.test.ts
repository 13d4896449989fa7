import { type Matrix, transposed } from '@espalier/concept-activations';
import { nonNegativeCodes } from '@espalier/concepts-craft';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { reference } from './reference.ts';

test.each(reference.codes)('$shape rows in $rank directions: the codes of SciPy', (expected) => {
  const { shape, rank } = expected;
  const rows = matrix(shape[0], shape[1], expected.values);
  const found = nonNegativeCodes(rows, transposed(matrix(rank, shape[1], expected.directions)));
  // The fixture has nine digits.
  found.data.forEach((value, i) => {
    expect(Math.abs(value - expected.codes[i]!)).toBeLessThan(1e-7);
  });
});

test('worked by hand: a row outside the cone lands on its edge', () => {
  const directions = transposed(matrix(2, 2, [1, 0, 1, 1]));
  const { data } = nonNegativeCodes(matrix(3, 2, [3, 2, 2, -1, -1, -1]), directions);
  [1, 2, 2, 0, 0, 0].forEach((code, i) => {
    expect(data[i]).toBeCloseTo(code, 12);
  });
});

// Small integers: directions that are zero, equal, opposite or dependent turn up all the time.
const digit = fc.integer({ min: -3, max: 3 });
const problem = fc.integer({ min: 1, max: 5 }).chain((rank) =>
  fc.record({
    rank: fc.constant(rank),
    directions: fc.array(digit, { minLength: 4 * rank, maxLength: 4 * rank }),
    values: fc.array(fc.integer({ min: -2, max: 6 }), { minLength: 12, maxLength: 12 }),
  }),
);

test('no feasible change makes it better (Karush-Kuhn-Tucker)', () => {
  fc.assert(
    fc.property(problem, ({ rank, directions, values }) => {
      const W = matrix(rank, 4, directions);
      const rows = matrix(3, 4, values);
      const codes = nonNegativeCodes(rows, transposed(W));
      for (let n = 0; n < 3; n++) {
        for (let k = 0; k < rank; k++) {
          const code = codes.data[n * rank + k]!;
          const gradient = slope(rows, W, codes, n, k);
          expect(code).toBeGreaterThanOrEqual(0);
          expect(gradient).toBeGreaterThan(-1e-9);
          expect(Math.abs(code * gradient)).toBeLessThan(1e-8);
        }
      }
    }),
    { numRuns: 500 },
  );
});

test('a row has the same codes alone as among others', () => {
  fc.assert(
    fc.property(problem, ({ rank, directions, values }) => {
      const V = transposed(matrix(rank, 4, directions));
      const together = nonNegativeCodes(matrix(3, 4, values), V);
      const alone = [0, 1, 2].flatMap((n) => [
        ...nonNegativeCodes(matrix(1, 4, values.slice(4 * n, 4 * n + 4)), V).data,
      ]);
      expect([...together.data]).toEqual(alone);
    }),
  );
});

function matrix(rows: number, columns: number, values: readonly number[]): Matrix {
  return { rows, columns, data: Float64Array.from(values) };
}

/** d (||x - u W||^2 / 2) / d u_k of row n. */
function slope(rows: Matrix, W: Matrix, codes: Matrix, n: number, k: number): number {
  let sum = 0;
  for (let d = 0; d < W.columns; d++) {
    let rest = -rows.data[n * W.columns + d]!;
    for (let l = 0; l < W.rows; l++) rest += codes.data[n * W.rows + l]! * W.data[l * W.columns + d]!;
    sum += rest * W.data[k * W.columns + d]!;
  }
  return sum;
}
