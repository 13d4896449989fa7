import type { Matrix } from '@espalier/concept-activations';

/** Eigenvalues, falling, and a row of `vectors` for each, orthonormal. */
export interface Eigen {
  readonly values: Float64Array;
  readonly vectors: Matrix;
}

const sweeps = 60;

/** All eigenvalues of a small symmetric matrix, by Jacobi's rotations (Golub & Van Loan 2013, section 8.5). */
export function symmetricEigen({ rows: size, data }: Matrix): Eigen {
  const A = data.slice();
  const V = Float64Array.from({ length: size * size }, (_, i) => Number(i % (size + 1) === 0));
  for (let sweep = 0; sweep < sweeps && offDiagonal(A, size) > 0; sweep++)
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) rotate(A, V, size, [p, q]);
  const order = [...Array(size).keys()].sort((a, b) => A[b * size + b]! - A[a * size + a]! || a - b);
  const vectors: Matrix = { rows: size, columns: size, data: new Float64Array(size * size) };
  for (const [row, from] of order.entries()) vectors.data.set(V.subarray(from * size, (from + 1) * size), row * size);
  return { values: Float64Array.from(order, (i) => A[i * size + i]!), vectors };
}

/** Squares above the diagonal that are more than rounding beside it. */
function offDiagonal(A: Float64Array, size: number): number {
  let [off, on] = [0, 0];
  for (let p = 0; p < size; p++) {
    on += A[p * size + p]! ** 2;
    for (let q = p + 1; q < size; q++) off += A[p * size + q]! ** 2;
  }
  return off <= 1e-30 * on ? 0 : off;
}

/** Turns the rows and columns p and q so that A[p, q] is 0; the rows of V turn with them. */
function rotate(A: Float64Array, V: Float64Array, size: number, [p, q]: readonly [number, number]): void {
  const between = A[p * size + q]!;
  if (between === 0) return;
  const theta = (A[q * size + q]! - A[p * size + p]!) / (2 * between);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const c = 1 / Math.hypot(t, 1);
  const s = t * c;
  for (let i = 0; i < size; i++) turn(A, i * size + p, i * size + q, c, s);
  for (let i = 0; i < size; i++) {
    turn(A, p * size + i, q * size + i, c, s);
    turn(V, p * size + i, q * size + i, c, s);
  }
}

function turn(values: Float64Array, p: number, q: number, c: number, s: number): void {
  const [a, b] = [values[p]!, values[q]!];
  values[p] = c * a - s * b;
  values[q] = s * a + c * b;
}
