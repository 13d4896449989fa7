/**
 * Entropy of how often values fall into `bins` equal bins from the smallest to the largest of them, in nats; 0 where all are one value. As
 * `numpy.histogram`, whose last bin holds the largest value, and `scipy.stats.entropy`.
 *
 * @param values one per pixel, row-major
 */
export function histogramEntropy(values: Float32Array, bins: number): number {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) [least, most] = [Math.min(least, value), Math.max(most, value)];
  if (least === most) return 0;
  const counts = new Float64Array(bins);
  for (const value of values) counts[Math.min(bins - 1, Math.floor(((value - least) / (most - least)) * bins))]!++;
  return counts.reduce(
    (sum, count) => (count === 0 ? sum : sum - (count / values.length) * Math.log(count / values.length)),
    0,
  );
}
