import { randomStream } from '@espalier/core';

export interface Resampling {
  readonly resamples: number;
  readonly seed: number;
}

/** The units of one mean: residuals that add up to 0, and how many samples each unit has. */
export interface Resampled {
  readonly residuals: ArrayLike<number>;
  readonly sizes: ArrayLike<number>;
}

/**
 * The studentised bootstrap of a mean: for each set of units, t* = (mean* - mean) / se* of its resamples, in the order drawn. Units of
 * different sizes make the mean a ratio of sums, and se* is that of its residuals.
 *
 * The sets share their resamples, which depend on `seed` and the number of units alone: adding a comparison moves no other's numbers,
 * and what is largest over several sets is found resample by resample. A resample of equal units has no deviation: its t* is
 * infinite, or 0 where it equals the mean.
 *
 * Source: Hall (1988), On symmetric bootstrap confidence intervals, JRSS B 50.
 *
 * @param sets all with as many units
 */
export function bootstrapPivots(sets: readonly Resampled[], { resamples, seed }: Resampling): readonly Float64Array[] {
  const count = sets[0]?.residuals.length ?? 0;
  const pivots = sets.map(() => new Float64Array(resamples));
  const values = sets.map(({ residuals }) => Float64Array.from(residuals));
  const sizes = sets.map(unequalSizes);
  const stream = randomStream(seed, 'studentised-bootstrap', count);
  const drawn = new Uint32Array(count);
  for (let b = 0; b < resamples; b++) {
    for (let i = 0; i < count; i++) drawn[i] = Math.floor(stream.uniform() * count);
    for (const [s, own] of values.entries()) {
      const weights = sizes[s]!;
      pivots[s]![b] = weights ? ratioPivot(own, weights, drawn) : meanPivot(own, drawn);
    }
  }
  return pivots;
}

function unequalSizes({ sizes }: Resampled): Float64Array | null {
  const own = Float64Array.from(sizes);
  return own.every((size) => size === own[0]) ? null : own;
}

function meanPivot(values: Float64Array, drawn: Uint32Array): number {
  const n = drawn.length;
  let [sum, squares] = [0, 0];
  for (let i = 0; i < n; i++) {
    const value = values[drawn[i]!]!;
    sum += value;
    squares += value * value;
  }
  return studentised(sum, squares - (sum * sum) / n, squares, n);
}

/** The mean* is sum / size, and each unit's residual about it is value - mean* x size. */
function ratioPivot(values: Float64Array, sizes: Float64Array, drawn: Uint32Array): number {
  const n = drawn.length;
  let [sum, squares, size, sizeSquares, products] = [0, 0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [value, own] = [values[drawn[i]!]!, sizes[drawn[i]!]!];
    sum += value;
    squares += value * value;
    size += own;
    sizeSquares += own * own;
    products += value * own;
  }
  const ratio = sum / size;
  return studentised(sum, squares - 2 * ratio * products + ratio * ratio * sizeSquares, squares, n);
}

/** Both (mean* - mean) and se* have the number of samples below them, which cancels. */
function studentised(sum: number, spread: number, squares: number, n: number): number {
  // rounding leaves about n * 2^-53 of `squares`
  if (spread <= 1e-12 * squares) return squares === 0 ? 0 : Math.sign(sum) * Number.POSITIVE_INFINITY;
  return sum / Math.sqrt((n * spread) / (n - 1));
}

/** The value that a fraction `level` of `sorted` does not exceed. */
export function criticalValue(sorted: Float64Array, level: number): number {
  // without the margin, 0.95 * 20 would be 19.000000000000004 and its ceiling 20
  const rank = Math.ceil(level * (sorted.length + 1) - 1e-9);
  return rank > sorted.length ? Number.POSITIVE_INFINITY : sorted[Math.max(0, rank - 1)]!;
}
