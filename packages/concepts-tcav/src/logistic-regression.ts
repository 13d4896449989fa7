import { type Matrix, multiplyByTransposed, zeros } from '@espalier/concept-activations';

/** A direction, and what is added so that the sum is above 0 on its side. */
export interface Separation {
  /** `d` values. */
  readonly weights: Float64Array;
  readonly intercept: number;
  readonly isConverged: boolean;
}

/**
 * Logistic regression with an L2 penalty and a free intercept: w and b that minimise
 *
 *     mean log(1 + exp(-t (w x / s + b))) + alpha / 2 |w|^2,   t = 1 or -1
 *
 * with s the root mean square distance of the rows from their mean, so that `alpha` means the same however large activations are. Newton's
 * method on one number per row, which w is a sum of rows by; steps are halved until the objective falls. No randomness.
 *
 * @param rows n d
 * @param isPositive one per row; some are, some are not
 */
export function separate(rows: Matrix, isPositive: readonly boolean[], alpha: number): Separation {
  const { centred, mean, scale } = standardised(rows);
  const n = rows.rows;
  if (scale === 0) return { weights: new Float64Array(rows.columns), intercept: 0, isConverged: true };
  const kernel = zeros(n, n);
  multiplyByTransposed(centred, centred, kernel);
  const problem = { kernel, target: isPositive.map(Number), lambda: n * alpha };
  let state = evaluated(problem, new Float64Array(n), 0);
  for (let i = 0; i < mostSteps && state.error > tolerance; i++) {
    const next = newtonStep(problem, state);
    let step = 1;
    let trial = next;
    while (trial.objective > state.objective && step > 1e-6) {
      step /= 2;
      const { a, b } = state;
      trial = evaluated(
        problem,
        a.map((value, j) => value + step * (next.a[j]! - value)),
        b + step * (next.b - b),
      );
    }
    if (trial.objective > state.objective) break; // rounding is all that is left
    state = trial;
  }
  const weights = weightsOf(centred, state.a, scale);
  const intercept = state.b - weights.reduce((sum, weight, d) => sum + weight * mean[d]!, 0);
  return { weights, intercept, isConverged: state.error <= 1e3 * tolerance };
}

const mostSteps = 100;
const tolerance = 1e-10;

interface Problem {
  /** Products of the rows, n n. */
  readonly kernel: Matrix;
  /** 1 or 0. */
  readonly target: readonly number[];
  readonly lambda: number;
}

interface State {
  /** What w is a sum of rows by. */
  readonly a: Float64Array;
  readonly b: number;
  readonly decisions: Float64Array;
  readonly probabilities: Float64Array;
  readonly objective: number;
  /** How far the slopes are from 0. */
  readonly error: number;
}

function evaluated({ kernel, target, lambda }: Problem, a: Float64Array, b: number): State {
  const n = a.length;
  const own = a.map((_, i) => dot(kernel.data.subarray(i * n, (i + 1) * n), a));
  const decisions = own.map((value) => value + b);
  const probabilities = decisions.map((value) => 1 / (1 + Math.exp(-value)));
  const losses = decisions.map((value, i) => softplus(target[i] === 1 ? -value : value));
  const misses = probabilities.map((p, i) => target[i]! - p);
  return {
    ...{ a, b, decisions, probabilities },
    objective: sumOf(losses) + (lambda / 2) * dot(a, own),
    error: Math.max(Math.abs(sumOf(misses)), ...misses.map((miss, i) => Math.abs(lambda * a[i]! - miss))),
  };
}

/** The minimum of the objective's second-order expansion: (K + lambda / W) a + b = z and sum a = 0, in the form whose matrix is well conditioned. */
function newtonStep(problem: Problem, { decisions, probabilities }: State): State {
  const { kernel, target, lambda } = problem;
  const n = decisions.length;
  const root = probabilities.map((p) => Math.sqrt(Math.max(1e-12, p * (1 - p))));
  const matrix = Float64Array.from(kernel.data, (value, i) => {
    const [row, column] = [Math.floor(i / n), i % n];
    return (root[row]! * value * root[column]!) / lambda + (row === column ? 1 : 0);
  });
  const solve = choleskySolver(matrix, n);
  const ofWorking = solve(decisions.map((value, i) => root[i]! * value + (target[i]! - probabilities[i]!) / root[i]!));
  const ofOnes = solve(root);
  const b = dot(root, ofWorking) / dot(root, ofOnes);
  const a = root.map((value, i) => (value * (ofWorking[i]! - b * ofOnes[i]!)) / lambda);
  return evaluated(problem, a, b);
}

/** Solves with a symmetric positive definite matrix, n n. */
function choleskySolver(matrix: Float64Array, n: number): (right: Float64Array) => Float64Array {
  const L = matrix.slice();
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      const sum = L[i * n + j]! - dot(L.subarray(i * n, i * n + j), L.subarray(j * n, j * n + j));
      L[i * n + j] = i === j ? Math.sqrt(sum) : sum / L[j * n + j]!;
    }
  }
  return (right) => {
    const x = right.slice();
    for (let i = 0; i < n; i++) x[i] = (x[i]! - dot(L.subarray(i * n, i * n + i), x.subarray(0, i))) / L[i * n + i]!;
    for (let i = n - 1; i >= 0; i--) {
      for (let j = i + 1; j < n; j++) x[i]! -= L[j * n + i]! * x[j]!;
      x[i]! /= L[i * n + i]!;
    }
    return x;
  };
}

/** Rows about their mean, over their root mean square distance from it. */
function standardised({ rows, columns, data }: Matrix) {
  const mean = new Float64Array(columns);
  data.forEach((value, i) => {
    mean[i % columns]! += value / rows;
  });
  const about = data.map((value, i) => value - mean[i % columns]!);
  const size = Math.sqrt(dot(about, about) / rows);
  // What is left of rows that are all alike is rounding.
  const scale = size <= 1e-12 * Math.sqrt(dot(mean, mean)) ? 0 : size;
  return { centred: { rows, columns, data: about.map((value) => value / (scale || 1)) }, mean, scale };
}

function weightsOf({ rows, columns, data }: Matrix, a: Float64Array, scale: number): Float64Array {
  const weights = new Float64Array(columns);
  for (let i = 0; i < rows; i++)
    for (let d = 0; d < columns; d++) weights[d]! += (a[i]! * data[i * columns + d]!) / scale;
  return weights;
}

function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!;
  return sum;
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** log(1 + exp(x)) without overflow. */
function softplus(x: number): number {
  return Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x)));
}
