/** The arithmetic mean, summed in float64; NaN of nothing. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Standard error of the mean: sample standard deviation (n - 1) over the root of n; null below two values. */
export function standardError(values: ArrayLike<number>): number | null {
  const count = values.length;
  if (count < 2) return null;
  const centre = mean(values);
  let squares = 0;
  for (let i = 0; i < count; i++) squares += (values[i]! - centre) ** 2;
  return Math.sqrt(squares / (count - 1) / count);
}

/**
 * The smallest value that at least `fraction` of `values` do not exceed (nearest rank); 0 of nothing.
 * @param values in any order; of any length, left as they are
 * @param fraction in [0, 1]
 */
export function quantile(values: Float32Array, fraction: number): number {
  if (values.length === 0) return 0;
  const sorted = values.slice().sort();
  return sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)]!;
}
