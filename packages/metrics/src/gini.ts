/**
 * Gini index of non-negative values, in [0, 1 - 1/n]: 0 when all are equal, 1 - 1/n when one holds everything.
 *
 * G = sum_i (2i - n - 1) a_(i) / (n sum(a)), with a_(i) the i-th smallest of `n` values, i from 1; float64 sums.
 * Values that are all zero are all equal: 0.
 *
 * Source: Hurley and Rickard (2009), "Comparing Measures of Sparsity", https://arxiv.org/abs/0811.4706.
 *
 * @param values of any length, in any order; left as they are
 */
export function gini(values: Float32Array | Float64Array): number {
  const sorted = values.slice().sort();
  const count = sorted.length;
  let weighted = 0;
  let total = 0;
  for (let i = 0; i < count; i++) {
    weighted += (2 * i + 1 - count) * sorted[i]!;
    total += sorted[i]!;
  }
  return total === 0 ? 0 : Math.max(0, weighted / (count * total)); // rounding can leave -1e-18 for equal values
}
