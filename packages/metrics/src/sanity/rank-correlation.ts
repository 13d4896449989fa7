/**
 * Spearman's rank correlation, in [-1, 1]: the correlation of the ranks, where tied values share their mean rank.
 * Null where the values of either side are all equal, since they have no order to agree with.
 *
 * Source: Spearman (1904), "The Proof and Measurement of Association between Two Things"; ties as in scipy.stats.spearmanr.
 * @param b as long as `a`
 */
export function rankCorrelation(a: Float32Array, b: Float32Array): number | null {
  const [x, y] = [centredRanks(a), centredRanks(b)];
  let [both, ofX, ofY] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    both += x[i]! * y[i]!;
    ofX += x[i]! ** 2;
    ofY += y[i]! ** 2;
  }
  return ofX === 0 || ofY === 0 ? null : Math.min(1, Math.max(-1, both / Math.sqrt(ofX * ofY)));
}

/** The rank of every value, from 0, minus the mean rank. */
function centredRanks(values: Float32Array): Float64Array {
  const order = Uint32Array.from(values.keys()).sort((i, j) => values[i]! - values[j]!);
  const ranks = new Float64Array(values.length);
  const middle = (values.length - 1) / 2;
  for (let start = 0, end = 0; start < order.length; start = end) {
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let i = start; i < end; i++) ranks[order[i]!] = (start + end - 1) / 2 - middle;
  }
  return ranks;
}
