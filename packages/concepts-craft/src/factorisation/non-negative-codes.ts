import { gram, type Matrix, multiplyByTransposed, transposed, zeros } from '@espalier/concept-activations';

// A direction whose part outside the span of the active ones is below this (squared, relative) adds nothing but noise.
const dependent = 1e-12;
// A gradient this far below zero, relative to the largest product, is rounding and not a way down.
const slack = 1e-12;

/**
 * The codes u >= 0 that minimise ||x - u W|| for each row x, exactly: Lawson and Hanson's active sets (1974) on the
 * normal equations (Bro & de Jong 1997).
 *
 * Each row is solved by itself, so that its codes do not depend on the rows beside it, and they are unique where
 * the directions are independent. A direction that depends on those in use stays out, with code 0.
 *
 * @param rows n d
 * @param directions V = W', d r
 * @returns n r
 */
export function nonNegativeCodes(rows: Matrix, directions: Matrix): Matrix {
  const rank = directions.columns;
  const products = zeros(rows.rows, rank);
  multiplyByTransposed(rows, transposed(directions), products);
  const G = gram(directions);
  const codes = zeros(rows.rows, rank);
  for (let n = 0; n < rows.rows; n++) {
    codes.data.set(solveRow(G, products.data.subarray(n * rank, (n + 1) * rank)), n * rank);
  }
  return codes;
}

/** The u >= 0 that minimises u G u' / 2 - u b'. */
function solveRow(G: Matrix, b: Float64Array): Float64Array {
  const rank = b.length;
  const u = new Float64Array(rank);
  const barred = new Set<number>();
  const active: number[] = [];
  const scale = b.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  for (;;) {
    const entering = steepest(G, b, u, slack * scale, (j) => !active.includes(j) && !barred.has(j));
    if (entering < 0) return u;
    active.push(entering);
    let target = solveActive(G, b, active);
    // Nothing to gain: the newcomer depends on the others, or its gradient was rounding.
    if (!target || target.at(-1)! <= 0) {
      active.pop();
      barred.add(entering);
      continue;
    }
    barred.clear();
    while (target.some((value) => value <= 0)) {
      moveToBoundary(u, active, target);
      target = solveActive(G, b, active)!; // a part of independent directions is independent
    }
    active.forEach((j, i) => {
      u[j] = target![i]!;
    });
  }
}

/** The direction in which the error falls fastest, or -1 at the minimum. */
function steepest(
  G: Matrix,
  b: Float64Array,
  u: Float64Array,
  least: number,
  mayEnter: (j: number) => boolean,
): number {
  let best = -1;
  let bestGain = least;
  for (let j = 0; j < b.length; j++) {
    if (!mayEnter(j)) continue;
    let gain = b[j]!;
    for (let l = 0; l < b.length; l++) gain -= u[l]! * G.data[j * b.length + l]!;
    if (gain > bestGain) [best, bestGain] = [j, gain];
  }
  return best;
}

/** Moves u towards `target` until a code reaches zero, and takes every code at zero out of the active set. */
function moveToBoundary(u: Float64Array, active: number[], target: readonly number[]): void {
  let step = 1;
  active.forEach((j, i) => {
    if (target[i]! <= 0) step = Math.min(step, u[j]! / (u[j]! - target[i]!));
  });
  const leaving = active.filter((j, i) => {
    const stays = target[i]! > 0 || u[j]! / (u[j]! - target[i]!) > step;
    u[j] = stays ? u[j]! + step * (target[i]! - u[j]!) : 0;
    return !stays;
  });
  for (const j of leaving) active.splice(active.indexOf(j), 1);
}

/** Solves G u = b over the active directions by Cholesky; null when they are dependent. */
function solveActive(G: Matrix, b: Float64Array, active: readonly number[]): number[] | null {
  const size = active.length;
  const L = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const diagonal = G.data[active[i]! * b.length + active[j]!]!;
      let value = diagonal;
      for (let k = 0; k < j; k++) value -= L[i * size + k]! * L[j * size + k]!;
      if (i !== j) L[i * size + j] = value / L[j * size + j]!;
      else if (value <= dependent * diagonal) return null;
      else L[i * size + i] = Math.sqrt(value);
    }
  }
  const solution = active.map((j) => b[j]!);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) solution[i]! -= L[i * size + k]! * solution[k]!;
    solution[i]! /= L[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) solution[i]! -= L[k * size + i]! * solution[k]!;
    solution[i]! /= L[i * size + i]!;
  }
  return solution;
}
