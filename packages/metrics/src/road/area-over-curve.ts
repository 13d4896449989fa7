/**
 * How an area over the perturbation curve is taken.
 *
 * `unmodified` (Samek et al. 2016): mean over all levels, the unmodified image included, of first - value.
 * `first-level`: the same sum from the first removed level, divided by one more than there are levels.
 */
export type AreaRule = 'unmodified' | 'first-level';

/** Area over `curve`, whose first value is the reference. */
export function areaOverCurve(curve: ArrayLike<number>, rule: AreaRule): number {
  let sum = 0;
  for (let i = 0; i < curve.length; i++) sum += curve[0]! - curve[i]!;
  return sum / divisor(curve.length, rule);
}

/** Largest area of a curve of `levels` values in [0, 1]; the smallest is its negative. */
export function largestArea(levels: number, rule: AreaRule): number {
  return (levels - 1) / divisor(levels, rule);
}

function divisor(levels: number, rule: AreaRule): number {
  return rule === 'unmodified' ? levels : levels + 1;
}
