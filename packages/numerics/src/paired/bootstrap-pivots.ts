import { randomStream } from '@espalier/core';
import { mean } from '../means.ts';

export interface Resampling {
  readonly resamples: number;
  readonly seed: number;
}

/**
 * The symmetric studentised bootstrap of the mean (Hall 1988): for each sample of one size, the sorted |t*| of its
 * resamples, t* = (mean* - mean) / (sd* / sqrt(n)).
 *
 * The samples share their resamples, which depend on `seed` and n alone: adding a comparison moves no other's numbers.
 * A resample of equal values has no deviation: its |t*| is infinite, or 0 where it equals the mean.
 *
 * @param samples all of the same length
 */
export function bootstrapPivots(
  samples: readonly ArrayLike<number>[],
  { resamples, seed }: Resampling,
): readonly Float64Array[] {
  const n = samples[0]?.length ?? 0;
  const centred = samples.map(centre);
  const pivots = samples.map(() => new Float64Array(resamples));
  const stream = randomStream(seed, 'studentised-bootstrap', n);
  const drawn = new Uint32Array(n);
  for (let b = 0; b < resamples; b++) {
    for (let i = 0; i < n; i++) drawn[i] = Math.floor(stream.uniform() * n);
    for (const [s, values] of centred.entries()) pivots[s]![b] = pivot(values, drawn);
  }
  return pivots.map((all) => all.sort());
}

function centre(values: ArrayLike<number>): Float64Array {
  const centred = Float64Array.from(values);
  const middle = mean(centred);
  return centred.map((value) => value - middle);
}

function pivot(values: Float64Array, drawn: Uint32Array): number {
  const n = drawn.length;
  let [sum, squares] = [0, 0];
  for (let i = 0; i < n; i++) {
    const value = values[drawn[i]!]!;
    sum += value;
    squares += value * value;
  }
  const spread = squares - (sum * sum) / n;
  // rounding leaves about n * 2^-53 of `squares`
  if (spread <= 1e-12 * squares) return squares === 0 ? 0 : Number.POSITIVE_INFINITY;
  return Math.abs(sum) / Math.sqrt((n * spread) / (n - 1));
}

/** The |t| that a fraction `level` of `sorted` pivots do not exceed. */
export function criticalValue(sorted: Float64Array, level: number): number {
  // without the margin, 0.95 * 20 would be 19.000000000000004 and its ceiling 20
  const rank = Math.ceil(level * (sorted.length + 1) - 1e-9);
  return rank > sorted.length ? Number.POSITIVE_INFINITY : sorted[Math.max(0, rank - 1)]!;
}

/** Share of pivots at least as large as `t`, counting the sample itself (Davison and Hinkley 1997, eq. 4.11). */
export function exceedance(sorted: Float64Array, t: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < t) low = middle + 1;
    else high = middle;
  }
  return (1 + sorted.length - low) / (sorted.length + 1);
}
