import { type RandomStream, randomStream } from '@espalier/core';
import { contrast, estimatesOf, type Judged, judgeFamily, type PairedDesign } from '@espalier/numerics';
import { describe, expect, test } from 'vitest';

const options = { resamples: 999, seed: 1 };
const design = (differences: readonly (readonly number[])[]): PairedDesign => ({
  ids: differences[0]!.map((_, i) => String(i)),
  differences,
});

/** One measure of three levels: noise of `count` samples in `seeds` seeds about `effect` times the level. */
function levels(effect: number, stream: RandomStream, { count = 30, seeds = 1, skewed = false } = {}): PairedDesign[] {
  const noise = () => (skewed ? -Math.log1p(-stream.uniform()) - 1 : stream.normal());
  const images = Array.from({ length: count }, noise);
  return [0.3, 0.6, 0.9].map((level) =>
    design(
      Array.from({ length: seeds }, () => {
        const seed = seeds === 1 ? 0 : 0.2 * stream.normal();
        return images.map((image) => effect * level + 0.5 * image + 0.5 * noise() + seed);
      }),
    ),
  );
}

const weights = [0.3, 0.6, 0.9].map((level) => (level * 0.9) / (0.09 + 0.36 + 0.81));

function judge(measures: readonly PairedDesign[][], share = 1) {
  const estimates = estimatesOf(
    measures.flatMap((own) => [...own, contrast(own, weights)]),
    options,
  );
  return judgeFamily(
    measures.map((_, m) => ({ trend: estimates[4 * m + 3]!, levels: estimates.slice(4 * m, 4 * m + 3) })),
    { alpha: 0.05, share },
  );
}

const leavesZeroOut = ({ interval }: Judged) => interval !== null && (interval[0] > 0 || interval[1] < 0);
const isFound = (judged: Judged) => judged.isOpen && leavesZeroOut(judged);

describe('a family', () => {
  test('adjusted p and interval agree, for trends and for levels whose trend is found', () => {
    let [found, open] = [0, 0];
    for (let r = 0; r < 25; r++) {
      const stream = randomStream(r, 'family');
      const measures = judge([levels(0.7, stream), levels(0, stream), levels(2, stream, { seeds: 3 })]);
      for (const { trend, levels: own } of measures) {
        expect(trend!.adjusted! <= 0.05).toBe(leavesZeroOut(trend!));
        for (const level of own) {
          expect(level.isOpen).toBe(trend!.adjusted! <= 0.05);
          expect(level.adjusted!).toBeGreaterThanOrEqual(trend!.adjusted!);
          if (!level.isOpen) continue;
          open++;
          expect(level.adjusted! <= 0.05).toBe(leavesZeroOut(level));
          found += Number(leavesZeroOut(level));
        }
      }
    }
    expect(open).toBeGreaterThan(found); // both cases were reached
    expect(found).toBeGreaterThan(10);
  });

  test('more measures make intervals wider; an error rate that is not handed on closes a family', () => {
    const own = levels(1, randomStream(1, 'own'));
    const width = ({ interval }: Judged) => interval![1] - interval![0];
    const [alone] = judge([own]);
    const [beside] = judge([own, levels(0, randomStream(2, 'other'))]);
    expect(width(beside!.trend!)).toBeGreaterThan(width(alone!.trend!));
    const [closed] = judge([own], 0);
    expect([closed!.trend!.isOpen, closed!.trend!.adjusted]).toEqual([false, 1]);
    expect(closed!.trend!.interval).toEqual(alone!.trend!.interval);
    const [half] = judge([own], 0.5);
    expect(half!.trend!.adjusted).toBeCloseTo(Math.min(1, 2 * alone!.trend!.adjusted!), 6);
  });

  test('what would have been found is about as large as half of the interval, and more', () => {
    const trend = judge([levels(0, randomStream(1, 'null'))])[0]!.trend!;
    const half = (trend.interval![1] - trend.interval![0]) / 2;
    expect(trend.detectable!).toBeGreaterThan(half);
    expect(trend.detectable!).toBeLessThan(1.5 * half);
  });

  test('false findings stay rare with few skewed samples, where the bootstrap alone has too many', () => {
    let [found, alone] = [0, 0];
    for (let r = 0; r < 200; r++) {
      const stream = randomStream(r, 'skewed');
      const skewed = () => design([Array.from({ length: 10 }, () => -Math.log1p(-stream.uniform()) - 1)]);
      const estimates = estimatesOf([skewed(), skewed(), skewed(), skewed()], options);
      const judged = judgeFamily(
        estimates.map((estimate) => ({ trend: null, levels: [estimate] })),
        { alpha: 0.05 },
      );
      found += Number(judged.some(({ levels: [level] }) => isFound(level!)));
      const unguarded = estimates.map((estimate) => {
        const { uncertainty } = estimate;
        const free = uncertainty?.kind === 'resampled' ? { ...uncertainty, skewed: null } : uncertainty;
        return { trend: null, levels: [{ ...estimate, uncertainty: free }] };
      });
      alone += Number(judgeFamily(unguarded, { alpha: 0.05 }).some(({ levels: [level] }) => isFound(level!)));
    }
    expect(found).toBeLessThanOrEqual(25); // 5 % of 200, and five standard errors
    expect(alone).toBeGreaterThan(found);
  });

  test('three seeds find ten standard deviations of them', () => {
    let found = 0;
    for (let r = 0; r < 40; r++) {
      const stream = randomStream(r, 'power');
      const own = [1, 2, 3].map(() =>
        design(
          Array.from({ length: 3 }, () => {
            const seed = stream.normal();
            return Array.from({ length: 20 }, () => 10 + seed + stream.normal());
          }),
        ),
      );
      found += Number(isFound(judge([own, own, own])[0]!.trend!));
    }
    expect(found).toBeGreaterThanOrEqual(36);
  });
});
