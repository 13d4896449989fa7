import { criticalValue } from './bootstrap-pivots.ts';
import type { Estimate, Uncertainty } from './estimate.ts';
import { exactMcNemar, scoreInterval } from './paired-proportions.ts';
import { twoSidedQuantile } from './student-t.ts';

/** How far an interval with the error rate `alpha` reaches below and above the difference; infinite where nothing holds it. */
export type Reach = (alpha: number) => { readonly below: number; readonly above: number };

/** An interval that no number of samples bounds is none. */
export type Interval = readonly [low: number, high: number];

/** So many degrees of freedom are the normal's. */
const normal = 1e7;

/** The interval of one estimate by itself. @param guarded whether it decides: then it holds for differences as skewed as exponential ones, and for few that differ */
export function ownReach({ uncertainty, difference }: Estimate, guarded: boolean): Reach {
  if (!uncertainty) return () => ({ below: Number.POSITIVE_INFINITY, above: Number.POSITIVE_INFINITY });
  if (uncertainty.kind === 'proportions')
    return proportionReach(uncertainty, difference, guarded ? exactMcNemar(uncertainty.counts) : 0);
  const { seeds, draws, sorted, bySize, skewed, parts } = uncertainty;
  return (alpha) => {
    const symmetric = criticalValue(bySize, 1 - alpha);
    const least = guarded && skewed ? criticalValue(skewed, 1 - alpha) : 0;
    const drawn = [studentPart(parts.seeds, seeds - 1, alpha), studentPart(parts.draws, draws - 1, alpha)];
    const side = (tail: number) => weighted([...drawn, [parts.samples, Math.max((symmetric + tail) / 2, least)]]);
    return { below: side(criticalValue(sorted, 1 - alpha / 2)), above: side(-lowerQuantile(sorted, alpha / 2)) };
  };
}

/** What several levels of one measure have in common when all of them are to be covered at once. */
export interface Band {
  /** The largest |t*| over the levels of each resample, sorted; null where levels have other units, and each is held by itself. */
  readonly largest: Float64Array | null;
  readonly levels: number;
  /** Variance of the mean that comes with the replicates, pooled over levels, with its degrees of freedom. */
  readonly seeds: PooledVariance | null;
  /** The same of the draws. */
  readonly draws: PooledVariance | null;
}

/** A variance of the mean that several levels were asked for. */
export interface PooledVariance {
  readonly variance: number;
  readonly df: number;
}

/** The interval of one level among others that are covered at once. */
export function bandReach({ uncertainty, difference }: Estimate, { largest, levels, ...pooled }: Band): Reach {
  if (!uncertainty) return () => ({ below: Number.POSITIVE_INFINITY, above: Number.POSITIVE_INFINITY });
  if (uncertainty.kind === 'proportions') {
    const reach = proportionReach(uncertainty, difference, exactMcNemar(uncertainty.counts));
    return (alpha) => reach(alpha / levels);
  }
  const { bySize, skewed, parts, seeds, draws } = uncertainty;
  return (alpha) => {
    const each = alpha / levels;
    const joint = largest ? criticalValue(largest, 1 - alpha) : criticalValue(bySize, 1 - each);
    const least = skewed ? criticalValue(skewed, 1 - each) : 0;
    // Where levels cannot be pooled, a level knows what its own replicates say.
    const part = (own: number, count: number, all: PooledVariance | null) =>
      studentPart(Math.max(own, all?.variance ?? 0), all?.df ?? count - 1, each);
    const reach = weighted([
      part(parts.seeds, seeds, pooled.seeds),
      part(parts.draws, draws, pooled.draws),
      [parts.samples, Math.max(joint, least)],
    ]);
    return { below: reach, above: reach };
  };
}

/** A variance of the mean, and how many of its deviations are to be allowed for. */
type Part = readonly [variance: number, critical: number];

/** One replicate, which has no variance, has no degrees of freedom either. */
function studentPart(variance: number, df: number, alpha: number): Part {
  return [variance, variance === 0 ? 0 : twoSidedQuantile(alpha, df)];
}

/**
 * The critical value of a sum of independent parts: that of each, weighted by its variance, times the standard error.
 * Source: Cochran and Cox (1957), Experimental Designs, section 4.14.
 */
function weighted(parts: readonly Part[]): number {
  const variance = parts.reduce((sum, [own]) => sum + own, 0);
  if (variance === 0) return 0;
  // A part without variance adds nothing, whatever its critical value.
  return parts.reduce((sum, [own, critical]) => (own === 0 ? sum : sum + own * critical), 0) / Math.sqrt(variance);
}

/** Tango's interval, with 0 in it where a p value that it must agree with, such as the exact test's, does not reject. */
function proportionReach(
  { counts }: Extract<Uncertainty, { readonly kind: 'proportions' }>,
  difference: number,
  p: number,
): Reach {
  return (alpha) => {
    const [low, high] = scoreInterval(counts, twoSidedQuantile(alpha, normal));
    const reaches = p > alpha;
    return {
      below: difference - (reaches ? Math.min(low, 0) : low),
      above: (reaches ? Math.max(high, 0) : high) - difference,
    };
  };
}

function lowerQuantile(sorted: Float64Array, tail: number): number {
  const rank = Math.floor(tail * (sorted.length + 1) + 1e-9);
  return rank < 1 ? Number.NEGATIVE_INFINITY : sorted[rank - 1]!;
}

/** The interval with the error rate `alpha`; null where it has no ends. */
export function intervalAt({ difference }: Estimate, reach: Reach, alpha: number): Interval | null {
  const { below, above } = reach(alpha);
  return Number.isFinite(below) && Number.isFinite(above) ? [difference - below, difference + above] : null;
}

/** A p value, and whether it is known only to be no larger. */
export interface PValue {
  readonly p: number;
  readonly isBound: boolean;
}

/** The smallest error rate at which the interval leaves zero out; 1 where none does. Null without uncertainty. */
export function pOf({ difference, uncertainty }: Estimate, reach: Reach): PValue | null {
  if (!uncertainty) return null;
  const leavesZeroOut = (alpha: number) => {
    const { below, above } = reach(alpha);
    return difference > 0 ? below < difference : difference < 0 && above < -difference;
  };
  const least = smallestOf(uncertainty);
  if (leavesZeroOut(least)) return { p: least, isBound: true };
  // On a scale of logarithms, since small ones matter most.
  let [excluded, included] = [0, Math.log(least)];
  if (!leavesZeroOut(1)) return { p: 1, isBound: false };
  for (let i = 0; i < 50; i++) {
    const middle = (excluded + included) / 2;
    if (leavesZeroOut(Math.exp(middle))) excluded = middle;
    else included = middle;
  }
  return { p: Math.exp(excluded), isBound: false };
}

/** The smallest error rate that resamples can tell from none: of two tails, one in each. */
function smallestOf(uncertainty: Uncertainty): number {
  return uncertainty.kind === 'proportions' ? 1e-15 : 2 / (uncertainty.pivots.length + 1);
}
