import { randomStream } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { bySize, largestBySize } from '../src/paired/absolute.ts';
import { bootstrapPivots, criticalValue } from '../src/paired/bootstrap-pivots.ts';
import { pooledVariance } from '../src/paired/judge-family.ts';
import { contrast } from '../src/paired/paired-design.ts';
import { exactMcNemar, scoreInterval } from '../src/paired/paired-proportions.ts';
import { skewedPivots } from '../src/paired/skewness-guard.ts';
import { twoSidedQuantile, twoSidedTail } from '../src/paired/student-t.ts';
import { unitsOf } from '../src/paired/units.ts';
import { varianceParts as partsOfUnits } from '../src/paired/variance-parts.ts';
import reference from './fixtures/reference.json' with { type: 'json' };

/** Every sample is a unit of its own. */
const varianceParts = (sums: readonly (readonly number[])[], drawSums: readonly (readonly number[])[] = []) =>
  partsOfUnits({ sizes: sums[0]!.map(() => 1), sums, drawSums });
const centred = (values: readonly number[]) => ({
  residuals: values.map((value) => value - numbers(values)),
  sizes: values.map(() => 1),
});
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

describe('the studentised bootstrap', () => {
  test('agrees with NumPy\u2019s within the noise of both', () => {
    for (const { name, values, critical, p } of reference.bootstraps) {
      const [pivots] = bootstrapPivots([centred(values)], { resamples: 20_000, seed: 1 });
      const { mean, samples } = varianceParts([values]);
      const sorted = bySize(pivots!);
      // five standard errors of a 95 % quantile or a share, from 20,000 resamples
      expect(Math.abs(criticalValue(sorted, 0.95) - critical), name).toBeLessThan(0.1);
      const found = sorted.filter((pivot) => pivot >= Math.abs(mean) / Math.sqrt(samples)).length / 20_000;
      expect(Math.abs(found - p), name).toBeLessThan(5 * Math.sqrt((p + 1e-4) / 20_000));
    }
  });

  test('lies near SciPy\u2019s BCa where the data are symmetric', () => {
    const { values, bca } = reference.bootstraps.find(({ name }) => name === 'normal')!;
    const [pivots] = bootstrapPivots([centred(values)], { resamples: 20_000, seed: 1 });
    const { mean, samples } = varianceParts([values]);
    const half = criticalValue(bySize(pivots!), 0.95) * Math.sqrt(samples);
    const width = bca[1]! - bca[0]!;
    expect(Math.abs(mean - half - bca[0]!)).toBeLessThan(0.05 * width); // both are 4 % from the t interval at n = 60
    expect(Math.abs(mean + half - bca[1]!)).toBeLessThan(0.05 * width);
  });

  test('equals the plain formula on the same resamples, and sets do not disturb each other', () => {
    const stream = randomStream(3, 'values');
    const samples = [0, 1].map(() => Array.from({ length: 12 }, () => Math.round(2 * stream.normal())));
    const together = bootstrapPivots(samples.map(centred), { resamples: 50, seed: 9 });
    for (const [s, values] of samples.entries()) {
      const again = randomStream(9, 'studentised-bootstrap', 12);
      for (let b = 0; b < 50; b++) {
        const drawn = Array.from({ length: 12 }, () => values[Math.floor(again.uniform() * 12)]!);
        const variance = drawn.reduce((sum, value) => sum + (value - numbers(drawn)) ** 2, 0) / 11;
        expect(together[s]![b]).toBeCloseTo((numbers(drawn) - numbers(values)) / Math.sqrt(variance / 12), 9);
      }
      expect(bootstrapPivots([centred(values)], { resamples: 50, seed: 9 })[0]).toEqual(together[s]);
    }
  });

  test('units of different sizes: the mean of a resample is a ratio, with the error of its residuals', () => {
    const stream = randomStream(4, 'units');
    const sizes = [1, 2, 2, 5, 3, 4, 1, 2, 6, 3];
    const sums = sizes.map((size) => size * stream.normal());
    const mean = numbers(sums) / numbers(sizes);
    const residuals = sums.map((sum, k) => sum - mean * sizes[k]!);
    const [pivots] = bootstrapPivots([{ residuals, sizes }], { resamples: 20, seed: 3 });
    const again = randomStream(3, 'studentised-bootstrap', 10);
    for (let b = 0; b < 20; b++) {
      const drawn = Array.from({ length: 10 }, () => Math.floor(again.uniform() * 10));
      const [sum, size] = [sums, sizes].map((values) => drawn.reduce((total, k) => total + values[k]!, 0)) as [
        number,
        number,
      ];
      const squares = drawn.reduce((total, k) => total + (sums[k]! - (sum / size) * sizes[k]!) ** 2, 0);
      const error = Math.sqrt(((10 / 9) * squares) / size ** 2);
      expect(pivots![b]).toBeCloseTo((sum / size - mean) / error, 9);
    }
    const equal = sizes.map(() => 3);
    const own = sums.map((value) => value - numbers(sums));
    const [general, plain] = [equal, sizes.map(() => 1)].map(
      (all) => bootstrapPivots([{ residuals: own, sizes: all }], { resamples: 20, seed: 3 })[0]!,
    );
    expect(general).toEqual(plain);
  });

  test('a resample of equal values is infinitely far, or at the mean', () => {
    const few = bySize(bootstrapPivots([centred([0, 0, 0, 0, 0, 4])], { resamples: 500, seed: 1 })[0]!);
    const flat = few.filter((pivot) => pivot === Number.POSITIVE_INFINITY).length / 500;
    expect(Math.abs(flat - (5 / 6) ** 6)).toBeLessThan(0.1); // 0.335; five standard errors of 500 draws
    expect([...bootstrapPivots([centred([2, 2, 2])], { resamples: 3, seed: 1 })[0]!]).toEqual([0, 0, 0]);
  });

  test('ranks: the critical value leaves out what exceeds it', () => {
    const sorted = Float64Array.from({ length: 19 }, (_, i) => i + 1);
    expect(criticalValue(sorted, 0.95)).toBe(19);
    expect(criticalValue(sorted, 0.99)).toBe(Number.POSITIVE_INFINITY);
    expect([...largestBySize([Float64Array.of(-3, 1), Float64Array.of(2, -0.5)])]).toEqual([1, 3]);
  });
});

describe('the guard against skewness', () => {
  test('is |t| of exponential differences: 9.9 % of samples of ten lie outside of Student\u2019s 95 %', () => {
    const pivots = skewedPivots(10, { resamples: 20_000, seed: 1 })!;
    const outside = pivots.filter((t) => t > 2.2622).length / 20_000;
    // 0.0995 by a simulation of two million samples in another program; five standard errors
    expect(Math.abs(outside - 0.0995)).toBeLessThan(0.0107);
    expect([...pivots]).toEqual([...pivots].sort((a, b) => a - b));
    expect(skewedPivots(1001, { resamples: 10, seed: 1 })).toBe(null);
  });
});

describe('units', () => {
  const design = (count: number, classes: number) => ({
    ids: Array.from({ length: count }, (_, i) => String(i)),
    differences: [Array.from({ length: count }, (_, i) => i)],
    groups: Array.from({ length: count }, (_, i) => `class ${i % classes}`),
  });

  test('classes where there are ten and some hold several samples, else samples', () => {
    const { sizes, sums, areGroups } = unitsOf(design(25, 10));
    expect(areGroups).toBe(true);
    expect(sizes).toEqual([3, 3, 3, 3, 3, 2, 2, 2, 2, 2]);
    expect(sums[0]!.slice(0, 2)).toEqual([0 + 10 + 20, 1 + 11 + 21]);
    for (const [count, classes] of [
      [25, 9],
      [10, 10],
    ] as const)
      expect(unitsOf(design(count, classes)).areGroups).toBe(false);
    expect(unitsOf({ ...design(25, 3), shareFits: true })).toMatchObject({ sizes: [9, 8, 8], areGroups: true });
    expect(unitsOf({ ids: ['a'], differences: [[2]] })).toEqual({
      sizes: [1],
      sums: [[2]],
      drawSums: [],
      areGroups: false,
    });
  });
});

describe('contrasts', () => {
  test('are sums sample by sample, over the samples that all designs have', () => {
    const a = {
      ids: ['x', 'y', 'z'],
      differences: [
        [1, 2, 3],
        [4, 5, 6],
      ],
      groups: ['p', 'q', 'q'],
    };
    const b = {
      ids: ['z', 'x'],
      differences: [
        [10, 20],
        [30, 40],
      ],
    };
    expect(contrast([a, b], [1, 0.5])).toEqual({
      ...{ ids: ['x', 'z'], groups: ['p', 'q'], shareFits: false, isBinary: false },
      differences: [
        [1 + 10, 3 + 5],
        [4 + 20, 6 + 15],
      ],
    });
  });
});

describe('seeds over levels', () => {
  test('levels that move together know no more than one; those that do not add up', () => {
    const means = [1, 2, 4];
    const [variance, df] = [7 / 3, 2]; // of 1, 2 and 4 about 7/3
    expect(pooledVariance([means, means])).toEqual({
      variance: expect.closeTo(variance / 3, 12),
      df: expect.closeTo(df, 12),
    });
    const apart = pooledVariance([
      [1, 0, -1],
      [1, -2, 1],
    ])!;
    // covariance is the diagonal 1, 3: (2) 16 / 10
    expect(apart).toEqual({ variance: expect.closeTo(2 / 3, 12), df: expect.closeTo(3.2, 12) });
    expect(pooledVariance([[1], [2]])).toBe(null);
    expect(
      pooledVariance([
        [1, 1],
        [2, 2],
      ]),
    ).toEqual({ variance: 0, df: 1 });
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

  test('draws are a third part: their spread, with what they share with samples taken off those', () => {
    const parts = varianceParts(
      [
        [1, 2, 3],
        [3, 4, 8],
      ],
      [
        [1, 3, 5],
        [3, 3, 6],
      ],
    );
    // draw means 3 and 4; their residuals are -2, 0, 2 and -1, -1, 2, apart by 1, 1, 0
    expect([parts.byDraw, parts.seeds]).toEqual([[3, 4], expect.closeTo(13.5 / 6, 12)]);
    expect(parts.draws).toBeCloseTo(0.25, 12);
    expect(parts.samples).toBeCloseTo(5 / 6 - 1 / 12, 12);
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
