import { randomStream } from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bootstrapPivots, criticalValue, exceedance } from '../src/paired/bootstrap-pivots.ts';
import { effectSizes } from '../src/paired/effect-sizes.ts';
import { holm } from '../src/paired/holm.ts';
import { exactMcNemar, scoreInterval } from '../src/paired/paired-proportions.ts';
import { twoSidedQuantile, twoSidedTail } from '../src/paired/student-t.ts';
import { varianceParts } from '../src/paired/variance-parts.ts';
import reference from './fixtures/reference.json' with { type: 'json' };

const numbers = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("Student's t", () => {
  test('tails are those of SciPy', () => {
    for (const { t, df, p } of reference.tails) {
      const tolerance = df > 1e6 ? 1e-6 : 1e-11; // ln of gamma loses digits where it is 1e8
      expect(Math.abs(twoSidedTail(t, df) - p), `t=${t} df=${df}`).toBeLessThan(tolerance * Math.max(p, 1e-12) + 1e-16);
    }
  });

  test('quantiles are those of SciPy', () => {
    for (const { p, df, t } of reference.quantiles) {
      const tolerance = df > 1e6 ? 1e-6 : 1e-10;
      expect(Math.abs(twoSidedQuantile(p, df) - t), `p=${p} df=${df}`).toBeLessThan(tolerance * Math.max(1, t));
    }
  });
});

describe('paired proportions', () => {
  test('the exact test is SciPy’s binomial test', () => {
    for (const { gained, lost, p } of reference.mcnemar) expect(exactMcNemar({ gained, lost })).toBeCloseTo(p, 12);
  });

  test('the score interval is where the profiled likelihood’s score is 1.96', () => {
    for (const { gained, lost, n, interval } of reference.tango) {
      const found = scoreInterval({ gained, lost, n }, 1.959963984540054);
      for (const end of [0, 1]) expect(found[end]!, `${gained} ${lost} ${n}`).toBeCloseTo(interval[end]!, 6);
    }
  });

  test('nothing differs: the interval is about zero and the test does not reject', () => {
    const [low, high] = scoreInterval({ gained: 0, lost: 0, n: 25 }, 1.959963984540054);
    // Tango: +-z^2 / (n + z^2)
    expect([low, high]).toEqual([expect.closeTo(-0.13319, 5), expect.closeTo(0.13319, 5)]);
    expect(exactMcNemar({ gained: 0, lost: 0 })).toBe(1);
  });

  test('everything lost: the interval ends at -1', () => {
    expect(scoreInterval({ gained: 0, lost: 20, n: 20 }, 1.96)[0]).toBe(-1);
  });
});

describe('the symmetric studentised bootstrap', () => {
  test('agrees with NumPy’s within the noise of both', () => {
    for (const { name, values, critical, p } of reference.bootstraps) {
      const [pivots] = bootstrapPivots([values], { resamples: 20_000, seed: 1 });
      const { mean, samples } = varianceParts([values]);
      // five standard errors of a 95 % quantile or a share, from 20,000 resamples
      expect(Math.abs(criticalValue(pivots!, 0.95) - critical), name).toBeLessThan(0.1);
      const found = exceedance(pivots!, Math.abs(mean) / Math.sqrt(samples));
      expect(Math.abs(found - p), name).toBeLessThan(5 * Math.sqrt((p + 1e-4) / 20_000));
    }
  });

  test('lies near SciPy’s BCa where the data are symmetric', () => {
    const { values, bca } = reference.bootstraps.find(({ name }) => name === 'normal')!;
    const [pivots] = bootstrapPivots([values], { resamples: 20_000, seed: 1 });
    const { mean, samples } = varianceParts([values]);
    const half = criticalValue(pivots!, 0.95) * Math.sqrt(samples);
    const width = bca[1]! - bca[0]!;
    expect(Math.abs(mean - half - bca[0]!)).toBeLessThan(0.05 * width); // both are 4 % from the t interval at n = 60
    expect(Math.abs(mean + half - bca[1]!)).toBeLessThan(0.05 * width);
  });

  test('equals the plain formula on the same resamples, and samples do not disturb each other', () => {
    const stream = randomStream(3, 'values');
    const samples = [0, 1].map(() => Array.from({ length: 12 }, () => Math.round(2 * stream.normal())));
    const together = bootstrapPivots(samples, { resamples: 50, seed: 9 });
    for (const [s, values] of samples.entries()) {
      const again = randomStream(9, 'studentised-bootstrap', 12);
      const plain = Array.from({ length: 50 }, () => {
        const drawn = Array.from({ length: 12 }, () => values[Math.floor(again.uniform() * 12)]!);
        const variance = drawn.reduce((sum, value) => sum + (value - numbers(drawn)) ** 2, 0) / 11;
        return Math.abs(numbers(drawn) - numbers(values)) / Math.sqrt(variance / 12);
      }).sort((a, b) => a - b);
      expect(together[s]!.length).toBe(50);
      for (const [b, pivot] of plain.entries()) expect(together[s]![b]).toBeCloseTo(pivot, 9);
      expect(bootstrapPivots([values], { resamples: 50, seed: 9 })[0]).toEqual(together[s]);
    }
  });

  test('a resample of equal values is infinitely far, or at the mean', () => {
    const few = Float64Array.of(...bootstrapPivots([[0, 0, 0, 0, 0, 4]], { resamples: 500, seed: 1 })[0]!);
    const flat = few.filter((pivot) => pivot === Number.POSITIVE_INFINITY).length / 500;
    expect(Math.abs(flat - (5 / 6) ** 6)).toBeLessThan(0.1); // 0.335; five standard errors of 500 draws
    expect([...bootstrapPivots([[2, 2, 2]], { resamples: 3, seed: 1 })[0]!]).toEqual([0, 0, 0]);
  });

  test('ranks: the critical value leaves out what exceeds it', () => {
    const sorted = Float64Array.from({ length: 19 }, (_, i) => i + 1);
    expect(criticalValue(sorted, 0.95)).toBe(19);
    expect(criticalValue(sorted, 0.99)).toBe(Number.POSITIVE_INFINITY);
    expect([exceedance(sorted, 19), exceedance(sorted, 19.5), exceedance(sorted, 0)]).toEqual([0.1, 0.05, 1]);
  });
});

describe('variance parts', () => {
  test('worked by hand: 2 seeds x 3 samples', () => {
    const parts = varianceParts([
      [1, 2, 3],
      [3, 4, 8],
    ]);
    // seed means 2 and 5, sample means 2, 3, 5.5; MS_seed 13.5, MS_sample 6.5, MS_residual 1.5
    expect(parts.mean).toBeCloseTo(3.5, 12);
    expect(parts.seeds).toBeCloseTo(13.5 / 6, 12);
    expect(parts.samples).toBeCloseTo(5 / 6, 12);
  });

  test('one seed is the ordinary paired standard error', () => {
    const parts = varianceParts([[1, 2, 6]]);
    expect([parts.mean, parts.seeds, parts.samples]).toEqual([3, 0, expect.closeTo(7 / 3, 12)]);
  });

  test('recovers known components on average', () => {
    const stream = randomStream(5, 'components');
    const [sumOfParts, repetitions] = [[0, 0], 400];
    for (let r = 0; r < repetitions; r++) {
      const image = Array.from({ length: 30 }, () => 2 * stream.normal());
      const table = Array.from({ length: 4 }, () => {
        const seed = 0.5 * stream.normal();
        return image.map((value) => value + seed + stream.normal());
      });
      const { seeds, samples } = varianceParts(table);
      sumOfParts[0]! += seeds / repetitions;
      sumOfParts[1]! += samples / repetitions;
    }
    // 0.25 / 4 + 1 / 120 and 4 / 30; each within five standard errors of 400 repetitions
    expect(Math.abs(sumOfParts[0]! - 0.0708)).toBeLessThan(5 * 0.0708 * Math.sqrt(2 / 3 / repetitions));
    expect(Math.abs(sumOfParts[1]! - 0.1333)).toBeLessThan(5 * 0.1333 * Math.sqrt(2 / 29 / repetitions));
  });
});

describe('Holm', () => {
  test('worked by hand', () => {
    expect(holm([0.01, 0.04, 0.03, 0.5])).toEqual([0.04, 0.09, 0.09, 0.5].map((p) => expect.closeTo(p, 12)));
    expect(holm([])).toEqual([]);
  });

  test('is the closed test whose parts are Bonferroni’s, ties and ones included', () => {
    const grid = fc.array(fc.constantFrom(0, 0.001, 0.01, 0.02, 0.05, 0.5, 1), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(grid, (p) => {
        const adjusted = holm(p);
        for (const [i, found] of adjusted.entries()) {
          let largest = 0;
          for (let subset = 1; subset < 2 ** p.length; subset++) {
            const members = p.filter((_, j) => subset & (1 << j));
            if (subset & (1 << i)) largest = Math.max(largest, Math.min(1, members.length * Math.min(...members)));
          }
          expect(found).toBeCloseTo(largest, 12);
        }
      }),
      { seed: 4 },
    );
  });
});

test('effect sizes, worked by hand', () => {
  const { standardised, higher, lower, dominance } = effectSizes([1, 1, 0, -1, 4]);
  expect(standardised).toBeCloseTo(1 / Math.sqrt(3.5), 12);
  expect([higher, lower]).toEqual([0.6, 0.2]);
  expect(dominance).toBeCloseTo(0.4, 12);
  expect(effectSizes([0.1, 0.1, 0.1]).standardised).toBeNull();
  expect(effectSizes([3]).standardised).toBeNull();
});
