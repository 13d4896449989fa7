import { mean, quantile, standardError } from '@espalier/numerics';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const numbers = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 2, maxLength: 40 });

describe('statistics of samples', () => {
  test('mean and standard error equal their textbook forms', () => {
    fc.assert(
      fc.property(numbers, (values) => {
        const n = values.length;
        const centre = values.reduce((sum, value) => sum + value, 0) / n;
        // the other form: mean of squares of all pairwise differences
        let pairs = 0;
        for (const a of values) for (const b of values) pairs += (a - b) ** 2;
        expect(mean(values)).toBeCloseTo(centre, 9);
        expect(standardError(values)).toBeCloseTo(Math.sqrt(pairs / (2 * n * (n - 1)) / n), 6);
      }),
      { seed: 1 },
    );
  });

  test('worked example: 2, 4, 4, 6', () => {
    expect(mean([2, 4, 4, 6])).toBe(4);
    expect(standardError([2, 4, 4, 6])).toBeCloseTo(Math.sqrt(8 / 3 / 4), 12);
    expect(standardError([5])).toBeNull();
  });

  test('a quantile is the least value that enough values do not exceed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 100 }),
        (values, part) => {
          const found = quantile(Float32Array.from(values), part / 100);
          const enough = [...values]
            .sort((a, b) => a - b)
            .find((value) => values.filter((other) => other <= value).length >= (part / 100) * values.length - 1e-9);
          expect(found).toBe(enough);
        },
      ),
      { seed: 2 },
    );
  });
});
