import { mean } from '@espalier/numerics';

/** Pearson's correlation of two columns, one value per sample in each, in [-1, 1]; 0 where one is the same everywhere. */
export function correlation(x: Float64Array, y: Float64Array): number {
  return productOf(standardised(x), standardised(y));
}

/** The correlation of two columns that are standardised. */
export function productOf(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let p = 0; p < x.length; p++) sum += x[p]! * y[p]!;
  return Math.min(1, Math.max(-1, sum)); // rounding may leave a sum just outside
}

/** A column with mean 0 and Euclidean length 1; zeros where it is constant. */
export function standardised(column: Float64Array): Float64Array {
  const middle = mean(column);
  const centred = column.map((value) => value - middle);
  const length = Math.sqrt(centred.reduce((sum, value) => sum + value * value, 0));
  const size = column.reduce((sum, value) => sum + Math.abs(value), 0);
  return length <= rounding * size ? centred.fill(0) : centred.map((value) => value / length);
}

// A column that varies by less than this fraction of its sum is constant, up to the rounding of its mean.
const rounding = 1e-12;
