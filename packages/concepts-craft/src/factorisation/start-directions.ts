import { type Matrix, zeros } from '@espalier/concept-activations';
import type { RandomStream } from '@espalier/core';

// A row whose rest is below this fraction of the largest is a mixture of the rows before, up to rounding.
const independent = 1e-12;

/**
 * Directions to start from: `rank` rows of A, each the one farthest from the span of those before (the successive
 * projection algorithm, Araújo et al. 2001), so that every kind of crop has a direction near it.
 *
 * When A has fewer independent rows, the others are drawn from `stream`.
 *
 * @param A p d
 * @returns d r: one column per direction
 */
export function extremeRows(A: Matrix, rank: number, stream: RandomStream): Matrix {
  const { rows, columns, data } = A;
  const rest = data.slice();
  const directions = zeros(columns, rank);
  let largest = 0;
  for (let k = 0; k < rank; k++) {
    const norms = Float64Array.from({ length: rows }, (_, i) =>
      squaredNorm(rest.subarray(i * columns, (i + 1) * columns)),
    );
    const farthest = norms.reduce((best, norm, i) => (norm > norms[best]! ? i : best), 0);
    largest = Math.max(largest, norms[farthest]!);
    const isNew = norms[farthest]! > independent * largest;
    const chosen = isNew ? farthest : stream.integer(rows);
    for (let j = 0; j < columns; j++) directions.data[j * rank + k] = data[chosen * columns + j]!;
    if (isNew) projectOut(rest, rest.slice(chosen * columns, (chosen + 1) * columns));
  }
  return directions;
}

const rowsPerMean = 5;

/**
 * Directions to start from: for each the mean of a few rows of A drawn from `stream`, so that few values are zero.
 *
 * @param A p d
 * @returns d r: one column per direction
 */
export function randomMeans({ rows, columns, data }: Matrix, rank: number, stream: RandomStream): Matrix {
  const directions = zeros(columns, rank);
  for (let k = 0; k < rank; k++) {
    for (let draw = 0; draw < rowsPerMean; draw++) {
      const start = stream.integer(rows) * columns;
      for (let j = 0; j < columns; j++) directions.data[j * rank + k]! += data[start + j]! / rowsPerMean;
    }
  }
  return directions;
}

/** Removes from every row its part along `direction`. */
function projectOut(rows: Float64Array, direction: Float64Array): void {
  const squared = squaredNorm(direction);
  for (let start = 0; start < rows.length; start += direction.length) {
    let along = 0;
    for (let j = 0; j < direction.length; j++) along += rows[start + j]! * direction[j]!;
    for (let j = 0; j < direction.length; j++) rows[start + j]! -= (along / squared) * direction[j]!;
  }
}

function squaredNorm(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
}
