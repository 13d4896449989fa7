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
  const g = gramOfF.data;
  let violation = 0;
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    violation += projectedGradient(factors, gramOfF, cross, start);
    for (let sweep = 0; sweep < sweeps; sweep++) {
      for (let j = 0; j < columns; j++) {
        const curvature = g[j * columns + j]!;
        if (curvature === 0) continue;
        let gradient = -cross.data[start + j]!;
        for (let l = 0; l < columns; l++) gradient += data[start + l]! * g[j * columns + l]!;
        data[start + j] = Math.max(0, data[start + j]! - gradient / curvature);
      }
    }
  }
  return violation;
}

/** Squared norm of the gradient of one row, without the part that points out of the non-negative side. */
function projectedGradient({ columns, data }: Matrix, gramOfF: Matrix, cross: Matrix, start: number): number {
  let squared = 0;
  for (let j = 0; j < columns; j++) {
    let gradient = -cross.data[start + j]!;
    for (let l = 0; l < columns; l++) gradient += data[start + l]! * gramOfF.data[j * columns + l]!;
    if (data[start + j]! > 0 || gradient < 0) squared += gradient * gradient;
  }
  return squared;
}
