import { mean } from '../means.ts';

/** What the mean difference owes to which training seeds were run and to which samples were measured. */
export interface VarianceParts {
  readonly mean: number;
  /** Mean difference of each sample, over the seeds. */
  readonly bySample: readonly number[];
  /** Variance of the mean that comes with the seeds; 0 for one seed, about which nothing is known. */
  readonly seeds: number;
  /** Variance of the mean that comes with the samples. */
  readonly samples: number;
}

/**
 * Variance components of a seeds x samples table without replication (two-way random effects, method of moments).
 *
 * var(mean) = seeds + samples, with seeds = MS_seed / SN and samples = max(0, MS_sample - MS_residual) / SN; the
 * residual is inside MS_seed. With one seed, samples = sd^2 / N: the ordinary paired standard error.
 *
 * Source: Searle, Casella and McCulloch (1992), Variance Components, section 4.3.
 *
 * @param differences one row per seed, all of the same length N >= 2
 */
export function varianceParts(differences: readonly (readonly number[])[]): VarianceParts {
  const [seedCount, count] = [differences.length, differences[0]!.length];
  const bySample = Array.from({ length: count }, (_, i) => mean(differences.map((row) => row[i]!)));
  const bySeed = differences.map(mean);
  const centre = mean(bySample);
  const sampleSquare = sumOfSquares(bySample, centre) / (count - 1);
  if (seedCount === 1) return { mean: centre, bySample, seeds: 0, samples: sampleSquare / count };
  const size = seedCount * count;
  const seedSquare = (count * sumOfSquares(bySeed, centre)) / (seedCount - 1);
  let residual = 0;
  for (const [s, row] of differences.entries()) {
    for (const [i, value] of row.entries()) residual += (value - bySeed[s]! - bySample[i]! + centre) ** 2;
  }
  const residualSquare = residual / ((seedCount - 1) * (count - 1));
  return {
    mean: centre,
    bySample,
    seeds: seedSquare / size,
    samples: Math.max(0, seedCount * sampleSquare - residualSquare) / size,
  };
}

function sumOfSquares(values: readonly number[], centre: number): number {
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
}
