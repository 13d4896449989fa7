import { twoSidedTail } from '@espalier/numerics';

/** Of some numbers, at least one. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Two-sided p-value of Welch's t-test of equal means. Where neither sample varies it is 1 of equal means, else 0.
 *
 * @param first two values or more, as `second`
 */
export function welchTest(first: readonly number[], second: readonly number[]): number {
  const difference = meanOf(first) - meanOf(second);
  const [a, b] = [first, second].map((values) => squaredError(values)) as [number, number];
  if (a + b === 0) return difference === 0 ? 1 : 0;
  const df = (a + b) ** 2 / (a ** 2 / (first.length - 1) + b ** 2 / (second.length - 1));
  return twoSidedTail(difference / Math.sqrt(a + b), df);
}

/** Of the mean. */
function squaredError(values: readonly number[]): number {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1) / values.length;
}

const level = 0.05;

/**
 * Whether classifiers that tell `tested` images right by the parts `accuracies` may as well be guessing: a coin is right as often as they are on
 * average in one of 20 trials or more. Means of several draws vary less than that.
 */
export function isNoBetterThanChance(accuracies: readonly number[], tested: number): boolean {
  const least = Math.ceil(meanOf(accuracies) * tested - 1e-9);
  let [tail, logOfOne] = [0, -tested * Math.LN2];
  for (let right = tested; right >= least; right--) {
    tail += Math.exp(logOfOne);
    logOfOne += Math.log(right / (tested - right + 1));
  }
  return tail > level;
}
