/** Embeddings of crops, one row each, of length 1 or 0. */
export interface Embeddings {
  readonly count: number;
  readonly size: number;
  /** Row-major, `count` x `size`. */
  readonly data: Float64Array;
}

/**
 * Mean similarity of pairs of crops, weighted by how strong a concept is in both:
 *
 *     sum over n != m of a_n a_m (e_n . e_m)  /  sum over n != m of a_n a_m
 *       = (|sum a e|^2 - sum a^2 |e|^2) / ((sum a)^2 - sum a^2),
 *
 * in one pass over the crops. With equal weights it is the plain mean over pairs, which is also the exact mean over all
 * ways to deal the weights to the crops: the value of a concept whose codes are permuted.
 *
 * Source: the monosemanticity score of Pach et al. (2025), arXiv 2504.02821; in linear time as in arXiv 2602.12403.
 *
 * @param weights non-negative, one per crop
 * @returns in [-1, 1]; null when fewer than two crops have weight, so that there is no pair
 */
export function pairSimilarity({ count, size, data }: Embeddings, weights: ArrayLike<number>): number | null {
  const weighted = new Float64Array(size);
  let [sum, squares, own, active] = [0, 0, 0, 0];
  for (let n = 0; n < count; n++) {
    const weight = weights[n]!;
    if (weight === 0) continue;
    active++;
    let length = 0;
    for (let j = 0; j < size; j++) {
      const value = data[n * size + j]!;
      weighted[j]! += weight * value;
      length += value * value;
    }
    sum += weight;
    squares += weight * weight;
    own += weight * weight * length;
  }
  if (active < 2) return null;
  const all = weighted.reduce((total, value) => total + value * value, 0);
  // Rounding may leave a mean of numbers in [-1, 1] just outside.
  return Math.min(1, Math.max(-1, (all - own) / (sum * sum - squares)));
}

/** Rows scaled to length 1; a row of zeros stays. In place. */
export function toUnitLength({ count, size, data }: Embeddings): Embeddings {
  for (let n = 0; n < count; n++) {
    const row = data.subarray(n * size, (n + 1) * size);
    const length = Math.sqrt(row.reduce((total, value) => total + value * value, 0));
    if (length > 0) for (let j = 0; j < size; j++) row[j]! /= length;
  }
  return { count, size, data };
}
