import { mean } from '../means.ts';
import type { Units } from './units.ts';

/** What the mean difference owes to which replicates were run and to which units were measured. */
export interface VarianceParts {
  /** Over all samples and replicates. */
  readonly mean: number;
  /** Mean difference of each replicate. */
  readonly bySeed: readonly number[];
  /** For each unit, its sum less what the mean makes of its size: over the replicates. They add up to 0. */
  readonly residuals: readonly number[];
  /** Mean difference of each draw; none where nothing was drawn. */
  readonly byDraw: readonly number[];
  /** Variance of the mean that comes with the replicates; 0 for one, about which nothing is known. */
  readonly seeds: number;
  /** Variance of the mean that comes with the draws; 0 where there are none. */
  readonly draws: number;
  /** Variance of the mean that comes with the units. */
  readonly samples: number;
}

/**
 * Variance components of a replicates x units table (two-way random effects, method of moments); units may differ in size, and the
 * mean is then a ratio, whose variance is that of the residuals (Cochran 1977, section 6.5).
 *
 * var(mean) = seeds + draws + samples. With S replicates, K units of n_k samples, N in all, and e_sk = sum_sk - mean_s n_k:
 * seeds = sum (mean_s - mean)^2 / (S (S - 1)), which has the interaction in it;
 * samples = K / (K - 1) / N^2 * (sum_k e_k^2 - sum_sk (e_sk - e_k)^2 / (S (S - 1))), at least 0.
 *
 * Draws are a third factor, crossed with both: every replicate has the same ones, so that what a draw does to the mean is in no spread of
 * replicates, and averaging over draws alone would take these few for all there are. Their part is found from the draws x units table as
 * that of the replicates is, and what they share with units is taken off `samples`, too. The interaction of replicates and draws is
 * in both parts: twice where it is once, which makes intervals a little wide rather than narrow.
 *
 * Source: Searle, Casella and McCulloch (1992), Variance Components, section 4.3.
 *
 * @param units at least two of them
 */
export function varianceParts({ sizes, sums, drawSums }: Pick<Units, 'sizes' | 'sums' | 'drawSums'>): VarianceParts {
  const count = sizes.length;
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const scale = count / (count - 1) / total ** 2;
  const [replicates, draws] = [sums, drawSums].map((rows) => factorOf(rows, sizes, total));
  const { means: bySeed, residuals } = replicates!;
  const shared = scale * (replicates!.interaction + draws!.interaction);
  return {
    ...{ mean: mean(bySeed), bySeed, byDraw: draws!.means, residuals },
    ...{ seeds: replicates!.variance, draws: draws!.variance },
    samples: Math.max(0, scale * squares(residuals) - shared),
  };
}

/** What rows, one for each level of a factor, say of it: its variance of the mean, and what it shares with the units. */
function factorOf(rows: readonly (readonly number[])[], sizes: readonly number[], total: number) {
  const means = rows.map((row) => row.reduce((sum, value) => sum + value, 0) / total);
  const own = rows.map((row, r) => row.map((value, k) => value - means[r]! * sizes[k]!));
  const residuals = sizes.map((_, k) => mean(own.map((row) => row[k]!)));
  if (rows.length < 2) return { means, residuals, variance: 0, interaction: 0 };
  const pairs = rows.length * (rows.length - 1);
  const centre = mean(means);
  const apart = own.reduce((sum, row) => sum + squares(row.map((value, k) => value - residuals[k]!)), 0);
  return {
    means,
    residuals,
    variance: squares(means.map((value) => value - centre)) / pairs,
    interaction: apart / pairs,
  };
}

function squares(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}
