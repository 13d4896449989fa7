import { bestAssignment } from '@espalier/numerics';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import reference from './fixtures/assignment.json' with { type: 'json' };

/** Every injection of the shorter side into the longer one, tried out. */
function bruteForce(values: readonly number[], rows: number, columns: number): number {
  if (rows > columns) {
    const turned = Array.from(
      { length: rows * columns },
      (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!,
    );
    return bruteForce(turned, columns, rows);
  }
  const best = (row: number, used: number): number => {
    if (row === rows) return 0;
    let most = Number.NEGATIVE_INFINITY;
    for (let column = 0; column < columns; column++) {
      if (used & (1 << column)) continue;
      most = Math.max(most, values[row * columns + column]! + best(row + 1, used | (1 << column)));
    }
    return most;
  };
  return best(0, 0);
}

// Few distinct values, so that many assignments tie; sizes from one to six, both ways round.
const problems = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })).chain(([rows, columns]) =>
  fc.record({
    rows: fc.constant(rows),
    columns: fc.constant(columns),
    values: fc.array(fc.constantFrom(-1, -0.5, 0, 0.25, 0.5, 1), {
      minLength: rows * columns,
      maxLength: rows * columns,
    }),
  }),
);

function totalOf(found: Int32Array, values: readonly number[], columns: number): number {
  return [...found].reduce((sum, column, row) => sum + (column < 0 ? 0 : values[row * columns + column]!), 0);
}

test('is a one-to-one assignment as good as the best that trying all finds', () => {
  fc.assert(
    fc.property(problems, ({ values, rows, columns }) => {
      const found = bestAssignment(values, rows, columns);
      const taken = [...found].filter((column) => column >= 0);
      expect(new Set(taken).size).toBe(Math.min(rows, columns));
      expect(taken.length).toBe(Math.min(rows, columns));
      expect(totalOf(found, values, columns)).toBeCloseTo(bruteForce(values, rows, columns), 12);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test('by hand: the best pair is given up for the best sum', () => {
  expect([...bestAssignment([0.9, 0.8, 0.8, 0.1], 2, 2)]).toEqual([1, 0]);
  expect([...bestAssignment([0.2, 0.9, 0.7], 3, 1)]).toEqual([-1, 0, -1]);
  expect([...bestAssignment([], 0, 3)]).toEqual([]);
});

// Printed by tools/reference/assignment.py with SciPy.
test.each(reference.problems)('has the total of SciPy: $rows x $columns', ({ rows, columns, values, total }) => {
  // Sums of at most 40 numbers below 1, in another order.
  expect(totalOf(bestAssignment(values, rows, columns), values, columns)).toBeCloseTo(total, 12);
});
