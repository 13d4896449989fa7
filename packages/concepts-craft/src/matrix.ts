/** A dense matrix, row-major, float64. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

export function zeros(rows: number, columns: number): Matrix {
  return { rows, columns, data: new Float64Array(rows * columns) };
}

/** X', into `out`. */
export function transpose({ rows, columns, data }: Matrix, out: Matrix): void {
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out.data[j * rows + i] = data[i * columns + j]!;
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

/** X Y', into `out`. Four rows of X at a time, so that each value of Y that is read serves four sums. */
export function multiplyByTransposed(X: Matrix, Y: Matrix, out: Matrix): void {
  const length = X.columns;
  const [x, y] = [X.data, Y.data];
  const last = X.rows - 1;
  for (let i = 0; i < X.rows; i += 4) {
    // Past the last row the last one is computed again, which is cheaper than a second loop for what is left over.
    const [a, b, c, d] = [i, Math.min(i + 1, last), Math.min(i + 2, last), Math.min(i + 3, last)];
    const [atA, atB, atC, atD] = [a * length, b * length, c * length, d * length];
    for (let k = 0; k < Y.rows; k++) {
      const start = k * length;
      let [sumA, sumB, sumC, sumD] = [0, 0, 0, 0];
      for (let j = 0; j < length; j++) {
        const value = y[start + j]!;
        sumA += x[atA + j]! * value;
        sumB += x[atB + j]! * value;
        sumC += x[atC + j]! * value;
        sumD += x[atD + j]! * value;
      }
      out.data[a * Y.rows + k] = sumA;
      out.data[b * Y.rows + k] = sumB;
      out.data[c * Y.rows + k] = sumC;
      out.data[d * Y.rows + k] = sumD;
    }
  }
}

/** Y'X, into `out`. Four rows of X at a time, so that each sum that is written takes in four products. */
export function multiplyTransposed(Y: Matrix, X: Matrix, out: Matrix): void {
  const [r, length] = [Y.columns, X.columns];
  const [x, y, sums] = [X.data, Y.data, out.data];
  const weight = (row: number, k: number) => (row < X.rows ? y[row * r + k]! : 0);
  sums.fill(0);
  for (let i = 0; i < X.rows; i += 4) {
    const atA = i * length;
    const [atB, atC, atD] = [1, 2, 3].map((step) => Math.min(i + step, X.rows - 1) * length) as [
      number,
      number,
      number,
    ];
    for (let k = 0; k < r; k++) {
      const [a, b, c, d] = [weight(i, k), weight(i + 1, k), weight(i + 2, k), weight(i + 3, k)];
      if (a === 0 && b === 0 && c === 0 && d === 0) continue;
      const start = k * length;
      for (let j = 0; j < length; j++) {
        sums[start + j]! += a * x[atA + j]! + b * x[atB + j]! + c * x[atC + j]! + d * x[atD + j]!;
      }
    }
  }
}
