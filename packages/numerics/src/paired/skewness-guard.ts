import { randomStream } from '@espalier/core';
import { bySize } from './absolute.ts';
import type { Resampling } from './bootstrap-pivots.ts';

/** Above so many units the bootstrap alone holds its level for exponential differences, and the guard would move nothing. */
const mostUnits = 1000;

/**
 * |t| of samples of `count` exponential differences about their mean, sorted: what t does by chance where differences are as skewed
 * as we promise to hold. Far out in the tail no resampling of ten values can know what the eleventh would have been, so a decision's
 * critical value is never below that of this shape. Null for so many units that it makes no difference.
 */
export function skewedPivots(count: number, { resamples, seed }: Resampling): Float64Array | null {
  if (count > mostUnits) return null;
  const stream = randomStream(seed, 'exponential-differences', count);
  const pivots = Float64Array.from({ length: resamples }, () => {
    let [sum, squares] = [0, 0];
    for (let i = 0; i < count; i++) {
      const value = -Math.log1p(-stream.uniform()) - 1;
      sum += value;
      squares += value * value;
    }
    return sum / Math.sqrt((count * (squares - (sum * sum) / count)) / (count - 1));
  });
  return bySize(pivots);
}
