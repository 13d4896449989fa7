/** What is kept of arrays that are seen one after the other. */
export interface Moments {
  count: number;
  readonly mean: Float64Array;
  /** Sums of squared deviations from `mean`. */
  readonly squares: Float64Array;
}

/** Of arrays of `size` values, none of them seen yet. */
export function noMoments(size: number): Moments {
  return { count: 0, mean: new Float64Array(size), squares: new Float64Array(size) };
}

/** Adds one more array (Welford 1962: sums of squares less squared sums would lose all digits of a small variance). */
export function addTo(moments: Moments, values: Float32Array): void {
  moments.count++;
  const { count, mean, squares } = moments;
  for (let i = 0; i < mean.length; i++) {
    const deviation = values[i]! - mean[i]!;
    mean[i]! += deviation / count;
    squares[i]! += deviation * (values[i]! - mean[i]!);
  }
}

/** Of the arrays of both (Chan et al. 1979). */
export function merged(a: Moments, b: Moments): Moments {
  const count = a.count + b.count;
  const apart = a.mean.map((mean, i) => b.mean[i]! - mean);
  return {
    count,
    mean: a.mean.map((mean, i) => mean + (apart[i]! * b.count) / count),
    squares: a.squares.map((sum, i) => sum + b.squares[i]! + (apart[i]! ** 2 * a.count * b.count) / count),
  };
}

/** What becomes of the attributions of the noisy copies of one image, value by value. */
export const statistics = {
  mean: ({ mean }) => mean,
  'mean-square': ({ count, mean, squares }) => mean.map((value, i) => value ** 2 + squares[i]! / count),
  variance: ({ count, squares }) => squares.map((sum) => sum / count),
} as const satisfies Readonly<Record<string, (moments: Moments) => Float64Array>>;
