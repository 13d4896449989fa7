import type { Matrix } from '@espalier/concept-activations';

/**
 * Sweeps of exact coordinate minimisation of ||T - X F'||^2 over non-negative X, in place: the update of `factorise`.
 *
 * @param factors X, one row per row of T
 * @param gramOfF F'F
 * @param cross T F, one row per row of T
 * @param sweeps how often each coordinate is visited, at least 1
 * @returns the squared norm of the projected gradient before the first sweep; 0 at a minimum
 */
export function descend(factors: Matrix, gramOfF: Matrix, cross: Matrix, sweeps: number): number {
  const { rows, columns, data } = factors;
  const gradient = new Float64Array(columns);
  let violation = 0;
  for (let row = 0, start = 0; row < rows; row++, start += columns) {
    gradientOfRow(data, gramOfF, cross, start, gradient);
    for (let j = 0; j < columns; j++) {
      // Without the part that points out of the non-negative side.
      if (data[start + j]! > 0 || gradient[j]! < 0) violation += gradient[j]! * gradient[j]!;
    }
    for (let sweep = 0; sweep < sweeps; sweep++) sweepRow(data, gramOfF, start, gradient);
  }
  return violation;
}

/** The gradient of one row of X by its values: X F'F - T F. */
function gradientOfRow(
  data: Float64Array,
  { columns, data: g }: Matrix,
  cross: Matrix,
  start: number,
  gradient: Float64Array,
): void {
  for (let j = 0; j < columns; j++) gradient[j] = -cross.data[start + j]!;
  for (let l = 0; l < columns; l++) addScaled(gradient, g, l * columns, data[start + l]!);
}

/** Minimises over each value of a row in turn, and keeps the gradient that of the row. */
function sweepRow(data: Float64Array, { columns, data: g }: Matrix, start: number, gradient: Float64Array): void {
  for (let j = 0; j < columns; j++) {
    const curvature = g[j * columns + j]!;
    if (curvature === 0) continue;
    const before = data[start + j]!;
    const after = Math.max(0, before - gradient[j]! / curvature);
    data[start + j] = after;
    addScaled(gradient, g, j * columns, after - before);
  }
}

/** gradient += factor x the row of `g` at `at`; most factors are zero, since most codes are. */
function addScaled(gradient: Float64Array, g: Float64Array, at: number, factor: number): void {
  if (factor === 0) return;
  for (let j = 0; j < gradient.length; j++) gradient[j]! += factor * g[at + j]!;
}
