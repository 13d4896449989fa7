/**
 * The value below which the fraction `fraction` of `values` lies, between order statistics by NumPy's default rule:
 * for n sorted values v, with p = fraction x (n - 1), v[floor p] + (p - floor p) (v[floor p + 1] - v[floor p]).
 *
 * @param values finite, of any length but none; left as they are
 * @returns rounded to float32 in the end; NumPy interpolates float32 values in float32, and may differ in the last bits
 */
export function percentile(values: Float32Array, fraction: number): number {
  const sorted = values.slice().sort();
  const place = fraction * (sorted.length - 1);
  const below = Math.floor(place);
  const [low, high] = [sorted[below]!, sorted[Math.min(below + 1, sorted.length - 1)]!];
  return Math.fround(low + (place - below) * (high - low));
}
