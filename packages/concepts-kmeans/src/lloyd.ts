import { type Matrix, multiplyByTransposed, takeMatrixRows, zeros } from '@espalier/concept-activations';
import type { RandomStream } from '@espalier/core';

/** Clusters of rows. */
export interface Clusters {
  /** k d */
  readonly centres: Matrix;
  /** Of each row, the number of its centre. */
  readonly labels: Int32Array;
  /** Sum of the squared distances of rows from their centres. */
  readonly inertia: number;
  readonly iterations: number;
  readonly stop: 'converged' | 'iteration-limit';
}

/** When Lloyd's algorithm stops, besides where no row changes its cluster. */
export interface LloydOptions {
  /** Squared shift of all centres together, relative to the mean variance of the features. */
  readonly tolerance: number;
  readonly maxIterations: number;
}

/**
 * Lloyd's algorithm from given centres, as scikit-learn's: a cluster that loses all its rows starts again at the row farthest from its centre.
 *
 * @param X n d, k rows or more
 * @param start k d
 */
export function lloyd(X: Matrix, start: Matrix, { tolerance, maxIterations }: LloydOptions): Clusters {
  const least = tolerance * meanVariance(X);
  let centres = start;
  let labels: Int32Array = new Int32Array(X.rows).fill(-1);
  for (let iterations = 1; ; iterations++) {
    const found = nearest(X, centres);
    const moved = movedCentres(X, found, centres);
    const isSame = found.labels.every((label, i) => label === labels[i]);
    const shift = squaredDistance(moved.data, centres.data);
    [centres, labels] = [moved, found.labels];
    const isDone = isSame || shift <= least;
    if (!isDone && iterations < maxIterations) continue;
    const last = nearest(X, centres);
    const stop = isDone ? 'converged' : 'iteration-limit';
    return { centres, labels: last.labels, inertia: sum(last.distances), iterations, stop };
  }
}

/**
 * Rows to start from, far from each other by chance: each is drawn with a probability proportional to the squared distance from the nearest one
 * before (k-means++, Arthur & Vassilvitskii 2007).
 */
export function plusPlus(X: Matrix, count: number, stream: RandomStream): Matrix {
  const chosen = [Math.min(X.rows - 1, Math.floor(stream.uniform() * X.rows))];
  const away = nearest(X, takeMatrixRows(X, chosen)).distances;
  while (chosen.length < count) {
    let rest = stream.uniform() * sum(away);
    const at = away.findIndex((distance) => {
      rest -= distance;
      return rest < 0;
    });
    chosen.push(at < 0 ? chosen.length : at); // all rows left are copies of chosen ones
    nearest(X, takeMatrixRows(X, chosen.slice(-1))).distances.forEach((distance, i) => {
      away[i] = Math.min(away[i]!, distance);
    });
  }
  return takeMatrixRows(X, chosen);
}

/** The nearest centre of every row, the first of equally near ones, and its squared distance. */
export function nearest(X: Matrix, centres: Matrix): { readonly labels: Int32Array; readonly distances: Float64Array } {
  const products = zeros(X.rows, centres.rows);
  multiplyByTransposed(X, centres, products);
  const lengths = Float64Array.from({ length: centres.rows }, (_, k) => squaredLength(rowOf(centres, k)));
  const [labels, distances] = [new Int32Array(X.rows), new Float64Array(X.rows)];
  for (let n = 0; n < X.rows; n++) {
    let best = Number.POSITIVE_INFINITY;
    for (let k = 0; k < centres.rows; k++) {
      const distance = lengths[k]! - 2 * products.data[n * centres.rows + k]!;
      if (distance < best) [best, labels[n]] = [distance, k];
    }
    distances[n] = Math.max(0, best + squaredLength(rowOf(X, n)));
  }
  return { labels, distances };
}

/** The mean of the rows of each cluster. */
function movedCentres(X: Matrix, { labels, distances }: ReturnType<typeof nearest>, before: Matrix): Matrix {
  const [sums, counts] = [zeros(before.rows, X.columns), new Float64Array(before.rows)];
  const add = (row: number, cluster: number, sign: number) => {
    const [from, to] = [rowOf(X, row), rowOf(sums, cluster)];
    for (let d = 0; d < X.columns; d++) to[d]! += sign * from[d]!;
    counts[cluster]! += sign;
  };
  for (const [row, label] of labels.entries()) add(row, label, 1);
  const empty = [...counts.keys()].filter((k) => counts[k] === 0);
  const farthest =
    empty.length === 0 ? [] : [...distances.keys()].sort((a, b) => distances[b]! - distances[a]! || a - b);
  for (const [i, cluster] of empty.entries()) {
    add(farthest[i]!, labels[farthest[i]!]!, -1);
    add(farthest[i]!, cluster, 1);
  }
  counts.forEach((count, k) => {
    const own = rowOf(sums, k);
    for (let d = 0; d < X.columns; d++) own[d] = count > 0 ? own[d]! / count : before.data[k * X.columns + d]!;
  });
  return sums;
}

function meanVariance({ rows, columns, data }: Matrix): number {
  const mean = new Float64Array(columns);
  data.forEach((value, i) => {
    mean[i % columns]! += value / rows;
  });
  return data.reduce((total, value, i) => total + (value - mean[i % columns]!) ** 2, 0) / data.length;
}

function rowOf({ columns, data }: Matrix, row: number): Float64Array {
  return data.subarray(row * columns, (row + 1) * columns);
}

function squaredLength(values: Float64Array): number {
  return values.reduce((total, value) => total + value * value, 0);
}

function squaredDistance(a: Float64Array, b: Float64Array): number {
  return a.reduce((total, value, i) => total + (value - b[i]!) ** 2, 0);
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
