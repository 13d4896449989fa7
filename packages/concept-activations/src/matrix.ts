/** A dense matrix, row-major, float64. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/** A matrix of zeros. */
export function zeros(rows: number, columns: number): Matrix {
  return { rows, columns, data: new Float64Array(rows * columns) };
}

/** A copy of the rows `indices`, in that order. */
export function takeMatrixRows({ columns, data }: Matrix, indices: readonly number[]): Matrix {
  const taken = zeros(indices.length, columns);
  indices.forEach((index, i) => {
    taken.data.set(data.subarray(index * columns, (index + 1) * columns), i * columns);
  });
  return taken;
}

/** X', into `out`. */
export function transposeInto({ rows, columns, data }: Matrix, out: Matrix): void {
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out.data[j * rows + i] = data[i * columns + j]!;
}

/** X', as a copy. */
export function transposed(X: Matrix): Matrix {
  const out = zeros(X.columns, X.rows);
  transposeInto(X, out);
  return out;
}

/** X'X. */
export function gram({ rows, columns, data }: Matrix): Matrix {
  const out = zeros(columns, columns);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < columns; i++) {
      const value = data[row * columns + i]!;
      for (let j = 0; j < columns; j++) out.data[i * columns + j]! += value * data[row * columns + j]!;
    }
  }
  return out;
}

/**
 * X Y', into `out`. Four rows of X and two of Y at a time, so that each value read serves several sums.
 *
 * What is left over at the ends is computed together with the last rows again, which is cheaper than loops of its own.
 */
export function multiplyByTransposed(X: Matrix, Y: Matrix, out: Matrix): void {
  const lastRow = X.rows - 1;
  const lastColumn = Y.rows - 1;
  for (let i = 0; i <= lastRow; i += 4) {
    const rows = [i, Math.min(i + 1, lastRow), Math.min(i + 2, lastRow), Math.min(i + 3, lastRow)] as const;
    for (let k = 0; k <= lastColumn; k += 2) multiplyBlock(X, Y, out, rows, [k, Math.min(k + 1, lastColumn)]);
  }
}

// Plain variables: the sums of the innermost loop must stay in registers.
function multiplyBlock(
  X: Matrix,
  Y: Matrix,
  out: Matrix,
  [a, b, c, d]: readonly [number, number, number, number],
  [k, l]: readonly [number, number],
): void {
  const length = X.columns;
  const x = X.data;
  const y = Y.data;
  const atA = a * length;
  const atB = b * length;
  const atC = c * length;
  const atD = d * length;
  const atK = k * length;
  const atL = l * length;
  let ak = 0;
  let bk = 0;
  let ck = 0;
  let dk = 0;
  let al = 0;
  let bl = 0;
  let cl = 0;
  let dl = 0;
  for (let j = 0; j < length; j++) {
    const yk = y[atK + j]!;
    const yl = y[atL + j]!;
    ak += x[atA + j]! * yk;
    al += x[atA + j]! * yl;
    bk += x[atB + j]! * yk;
    bl += x[atB + j]! * yl;
    ck += x[atC + j]! * yk;
    cl += x[atC + j]! * yl;
    dk += x[atD + j]! * yk;
    dl += x[atD + j]! * yl;
  }
  const columns = Y.rows;
  out.data[a * columns + k] = ak;
  out.data[a * columns + l] = al;
  out.data[b * columns + k] = bk;
  out.data[b * columns + l] = bl;
  out.data[c * columns + k] = ck;
  out.data[c * columns + l] = cl;
  out.data[d * columns + k] = dk;
  out.data[d * columns + l] = dl;
}
