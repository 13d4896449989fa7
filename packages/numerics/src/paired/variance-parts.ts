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
  /** Variance of the mean that comes with the replicates; 0 for one, about which nothing is known. */
  readonly seeds: number;
  /** Variance of the mean that comes with the units. */
  readonly samples: number;
}

/**
 * Variance components of a replicates x units table (two-way random effects, method of moments); units may differ in size, and the
 * mean is then a ratio, whose variance is that of the residuals (Cochran 1977, section 6.5).
 *
 * var(mean) = seeds + samples. With S replicates, K units of n_k samples, N in all, and e_sk = sum_sk - mean_s n_k:
 * seeds = sum (mean_s - mean)^2 / (S (S - 1)), which has the interaction in it;
 * samples = K / (K - 1) / N^2 * (sum_k e_k^2 - sum_sk (e_sk - e_k)^2 / (S (S - 1))), at least 0.
 *
 * Source: Searle, Casella and McCulloch (1992), Variance Components, section 4.3.
 *
 * @param units at least two of them
 */
export function varianceParts({ sizes, sums }: Pick<Units, 'sizes' | 'sums'>): VarianceParts {
  const [seedCount, count] = [sums.length, sizes.length];
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const bySeed = sums.map((row) => row.reduce((sum, value) => sum + value, 0) / total);
  const centre = mean(bySeed);
  const residualsOf = (row: readonly number[], middle: number) => row.map((value, k) => value - middle * sizes[k]!);
  const rows = sums.map((row, s) => residualsOf(row, bySeed[s]!));
  const residuals = sizes.map((_, k) => mean(rows.map((row) => row[k]!)));
  const scale = count / (count - 1) / total ** 2;
  const ofUnits = scale * squares(residuals);
  if (seedCount === 1) return { mean: centre, bySeed, residuals, seeds: 0, samples: ofUnits };
  const interaction = rows.reduce((sum, row) => sum + squares(row.map((value, k) => value - residuals[k]!)), 0);
  const pairs = seedCount * (seedCount - 1);
  return {
    ...{ mean: centre, bySeed, residuals },
    seeds: squares(bySeed.map((value) => value - centre)) / pairs,
    samples: Math.max(0, ofUnits - (scale * interaction) / pairs),
  };
}

function squares(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}
