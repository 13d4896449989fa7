import { gram, type Matrix, multiplyByTransposed, transposed, zeros } from '@espalier/concept-activations';
import type { RandomStream } from '@espalier/core';
import { symmetricEigen } from './symmetric-eigen.ts';

// Directions beside those asked for, which let the last ones converge where variances are close.
const spare = 8;
// A direction is found when what the covariance makes of it differs from its multiple by this fraction of the largest variance.
const tolerance = 1e-9;

/** Principal components, by falling variance. */
export interface PrincipalComponents {
  /** `d` values. */
  readonly mean: Float64Array;
  /** d r, orthonormal; of each the largest value by size is positive. */
  readonly directions: Matrix;
  /** Of the rows along each direction, divided by their number less 1. */
  readonly variances: Float64Array;
  readonly iterations: number;
  readonly stop: 'converged' | 'iteration-limit';
}

/**
 * The directions of largest variance of the rows of X: eigenvectors of their covariance, by subspace iteration with a Rayleigh-Ritz step in
 * each (Saad 2011, chapter 5), from a seeded start.
 *
 * @param X n d, two rows or more
 * @param count at most d
 */
export function principalComponents(
  X: Matrix,
  count: number,
  { maxIterations, stream }: { readonly maxIterations: number; readonly stream: RandomStream },
): PrincipalComponents {
  const { mean, covariance } = momentsOf(X);
  const size = Math.min(X.columns, count + spare);
  let Q = orthonormal({ rows: size, columns: X.columns, data: normals(size * X.columns, stream) });
  for (let iterations = 1; ; iterations++) {
    const image = product(Q, covariance);
    const { values, vectors } = symmetricEigen(product(Q, image));
    const V = product(vectors, transposed(Q));
    const isFound =
      residual(V, product(vectors, transposed(image)), values, count) <= tolerance * Math.max(values[0]!, 0);
    if (isFound || iterations === maxIterations) {
      const stop = isFound ? 'converged' : 'iteration-limit';
      return { mean, directions: withSigns(V, count), variances: values.slice(0, count), iterations, stop };
    }
    Q = orthonormal(image);
  }
}

function normals(count: number, stream: RandomStream): Float64Array {
  return Float64Array.from({ length: count }, () => stream.normal());
}

/** X Y', r of X by r of Y. */
function product(X: Matrix, Y: Matrix): Matrix {
  const out = zeros(X.rows, Y.rows);
  multiplyByTransposed(X, Y, out);
  return out;
}

function momentsOf({ rows, columns, data }: Matrix) {
  const mean = new Float64Array(columns);
  data.forEach((value, i) => {
    mean[i % columns]! += value / rows;
  });
  const covariance = gram({ rows, columns, data: data.map((value, i) => value - mean[i % columns]!) });
  for (let i = 0; i < covariance.data.length; i++) covariance.data[i]! /= rows - 1;
  return { mean, covariance };
}

/** Rows made orthonormal one after the other, twice, since once leaves rounding; a row that depends on those before is zero. */
function orthonormal({ rows, columns, data }: Matrix): Matrix {
  const out: Matrix = { rows, columns, data: data.slice() };
  const row = (i: number) => out.data.subarray(i * columns, (i + 1) * columns);
  for (let i = 0; i < rows; i++) {
    const own = row(i);
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < i; j++) {
        const before = row(j);
        const along = dot(own, before);
        for (let d = 0; d < columns; d++) own[d]! -= along * before[d]!;
      }
      const length = Math.sqrt(dot(own, own));
      for (let d = 0; d < columns; d++) own[d] = length > 0 ? own[d]! / length : 0;
    }
  }
  return out;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** The largest |C v - lambda v| of the first rows `count`. */
function residual(V: Matrix, CV: Matrix, values: Float64Array, count: number): number {
  let largest = 0;
  for (let i = 0; i < count; i++) {
    let squares = 0;
    for (let d = i * V.columns; d < (i + 1) * V.columns; d++) squares += (CV.data[d]! - values[i]! * V.data[d]!) ** 2;
    largest = Math.max(largest, squares);
  }
  return Math.sqrt(largest);
}

/** The first rows as columns, each turned so that its largest value by size is positive, as scikit-learn turns them. */
function withSigns({ columns, data }: Matrix, count: number): Matrix {
  const first: Matrix = { rows: count, columns, data: data.slice(0, count * columns) };
  for (let i = 0; i < count; i++) {
    const own = first.data.subarray(i * columns, (i + 1) * columns);
    const largest = own.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
    if (largest < 0) for (let d = 0; d < columns; d++) own[d] = -own[d]!;
  }
  return transposed(first);
}
