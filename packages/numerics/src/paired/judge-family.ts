import { largestBySize } from './absolute.ts';
import type { Estimate } from './estimate.ts';
import { powerQuantile } from './power.ts';
import {
  type Band,
  bandReach,
  type Interval,
  intervalAt,
  ownReach,
  type PooledVariance,
  pOf,
  type Reach,
} from './reach.ts';

/** The estimates of one measure: its trend over the levels, where there are several, and each level. */
export interface MeasureEstimates {
  readonly trend: Estimate | null;
  readonly levels: readonly Estimate[];
}

/** What a family lets be said of one estimate. */
export interface Judged {
  /** With the family's error rate; null where nothing holds it. */
  readonly interval: Interval | null;
  /** The smallest error rate of the family at which zero is left out; null without an interval. */
  readonly adjusted: number | null;
  /** `adjusted` is known only to be no larger. */
  readonly isBound: boolean;
  /** The smallest true difference that would be found four times out of five; null without an interval. */
  readonly detectable: number | null;
  /** False where an earlier step of the family keeps this one from being a finding. */
  readonly isOpen: boolean;
}

/** What a family lets be said of a measure. */
export interface JudgedMeasure {
  readonly trend: Judged | null;
  readonly levels: readonly Judged[];
}

/** How a family shares its error rate. */
export interface FamilyOptions {
  /** Chance of any false finding in the family, in (0, 1). */
  readonly alpha: number;
  /** Part of `alpha` that an earlier family hands on, in [0, 1]; with 0, nothing of this one can be a finding. */
  readonly share?: number;
}

/**
 * Judges a family of measures, each by its trend first, and by its levels where the trend is a finding.
 *
 * The measures share `alpha` equally, whether they can be tested or not (Bonferroni): the family is what the study asks, not what the
 * data allow. The levels of a measure are covered at once, by the largest |t*| over them in each resample (Westfall and Young 1993),
 * at the same error rate: they are looked at only if the trend, which comes before them, is a finding (Maurer, Hothorn and Lehmacher
 * 1995). A finding is an interval that leaves zero out, and nothing else is.
 *
 * Every critical value is at least that of exponential differences. Replicates' variance is pooled over the levels of a measure, and
 * no level's is below its own.
 */
export function judgeFamily(
  measures: readonly MeasureEstimates[],
  { alpha, share = 1 }: FamilyOptions,
): JudgedMeasure[] {
  const local = alpha / measures.length;
  const scale = share === 0 ? Number.POSITIVE_INFINITY : measures.length / share;
  return measures.map(({ trend, levels }): JudgedMeasure => {
    const only = levels.length === 1 ? ownReach(levels[0]!, true) : null;
    const band = bandOf(levels);
    const judge = (estimate: Estimate, reach: Reach) =>
      judged(estimate, reach, { local: local * share, whole: local, scale });
    const first = trend && judge(trend, ownReach(trend, true));
    const passed = first === null ? 0 : (first.adjusted ?? 1);
    return {
      trend: first,
      levels: levels.map((estimate) => {
        const own = judge(estimate, only ?? bandReach(estimate, band));
        const adjusted = own.adjusted === null ? null : Math.max(own.adjusted, passed);
        return { ...own, adjusted, isOpen: own.isOpen && passed <= alpha };
      }),
    };
  });
}

interface Rates {
  /** Error rate of a finding. */
  readonly local: number;
  /** Error rate of the interval where the family has no error rate left. */
  readonly whole: number;
  /** From a p value to the family's error rate. */
  readonly scale: number;
}

function judged(estimate: Estimate, reach: Reach, { local, whole, scale }: Rates): Judged {
  const isOpen = local > 0;
  const alpha = isOpen ? local : whole;
  const interval = intervalAt(estimate, reach, alpha);
  const found = interval && pOf(estimate, reach);
  const { below, above } = reach(alpha);
  return {
    interval,
    adjusted: found && Math.min(1, found.p * scale),
    isBound: found?.isBound ?? false,
    detectable: interval && (below + above) / 2 + powerQuantile * estimate.error!, // what has an interval has an error
    isOpen,
  };
}

function bandOf(levels: readonly Estimate[]): Band {
  const drawn = levels.flatMap(({ uncertainty }) => (uncertainty?.kind === 'resampled' ? [uncertainty] : []));
  const isShared = drawn.length === levels.length && new Set(levels.map(({ units }) => units)).size === 1;
  return {
    levels: levels.length,
    largest: isShared ? largestBySize(drawn.map(({ pivots }) => pivots)) : null,
    seeds: pooledVariance(drawn.map(({ parts }) => parts.bySeed)),
    draws: pooledVariance(drawn.map(({ parts }) => parts.byDraw)),
  };
}

/**
 * The variance of the mean that comes with the replicates, over all levels, and its degrees of freedom: (S - 1) tr(C)^2 / sum C_ij^2,
 * with C the covariance of the levels over the replicates. Levels that rise and fall together know no more than one does.
 *
 * Source: Box (1954), Annals of Mathematical Statistics 25, theorem 3.1.
 *
 * @param bySeed for each level, the mean of each replicate
 */
export function pooledVariance(bySeed: readonly (readonly number[])[]): PooledVariance | null {
  const count = bySeed[0]?.length ?? 1;
  if (count < 2 || bySeed.some((means) => means.length !== count)) return null;
  const centred = bySeed.map((means) => {
    const centre = means.reduce((sum, value) => sum + value, 0) / count;
    return means.map((value) => value - centre);
  });
  const covariance = centred.map((a) =>
    centred.map((b) => a.reduce((sum, value, s) => sum + value * b[s]!, 0) / (count - 1)),
  );
  const trace = covariance.reduce((sum, row, i) => sum + row[i]!, 0);
  const squares = covariance.flat().reduce((sum, value) => sum + value * value, 0);
  if (squares === 0) return { variance: 0, df: count - 1 };
  return { variance: trace / bySeed.length / count, df: ((count - 1) * trace * trace) / squares };
}
