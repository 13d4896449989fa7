import type { Resampling } from './bootstrap-pivots.ts';
import { type Estimate, estimatesOf } from './estimate.ts';
import type { PairedDesign } from './paired-design.ts';
import { type Interval, intervalAt, ownReach, pOf } from './reach.ts';

/** What two models differ by on the same samples, by itself. */
export interface Comparison extends Omit<Estimate, 'uncertainty'> {
  /** Ends of the interval; null where there is none. */
  readonly interval: Interval | null;
  /** Two-sided, of no difference; 1 where nothing differs, null where it cannot be told. */
  readonly p: number | null;
  /** `p` is known only to be no larger. */
  readonly isBound: boolean;
}

export interface ComparisonOptions extends Resampling {
  /** Coverage of the intervals, in (0, 1); 0.95 when absent. */
  readonly level?: number;
}

/**
 * Compares two models on the same samples, for each design by itself: what belongs to a family is `judgeFamily`'s.
 *
 * One seed asks about the two trained networks at hand, with units drawn from all units. Several seeds ask about networks trained so:
 * seeds are drawn too, and the interval is as wide as so few of them demand. Differences of -1, 0 and 1 with one seed are compared as
 * proportions.
 *
 * @example const [result] = comparePaired([crossSeeds([{ treated, reference }])], { seed: 1, resamples: 9999 });
 */
export function comparePaired(designs: readonly PairedDesign[], options: ComparisonOptions): Comparison[] {
  return estimatesOf(designs, options).map((estimate) => comparisonOf(estimate, options.level));
}

/** The interval and the p value of an estimate by itself. */
export function comparisonOf(estimate: Estimate, level = 0.95): Comparison {
  const { uncertainty, ...rest } = estimate;
  const reach = ownReach(estimate, false);
  const interval = uncertainty && intervalAt(estimate, reach, 1 - level);
  const found = pOf(estimate, reach);
  const isSame = estimate.n > 0 && estimate.higher === 0 && estimate.lower === 0 && estimate.difference === 0;
  return { ...rest, interval, p: found?.p ?? (isSame ? 1 : null), isBound: found?.isBound ?? false };
}
