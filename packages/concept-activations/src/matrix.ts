import { blockRows, productKernel } from './product-kernel.ts';

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
  for (let row = 0, at = 0; row < rows; row++, at += columns) {
    for (let i = 0; i < columns; i++) {
      const value = data[at + i]!;
      if (value === 0) continue;
      for (let j = i; j < columns; j++) out.data[i * columns + j]! += value * data[at + j]!;
    }
  }
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j < i; j++) out.data[i * columns + j] = out.data[j * columns + i]!;
  }
  return out;
}

/** X Y', into `out`. In blocks, by a kernel of two float64 lanes; what is left over in a block is zeros. */
export function multiplyByTransposed(X: Matrix, Y: Matrix, out: Matrix): void {
  const kernel = productKernel(X.columns);
  for (let k = 0; k < Y.rows; k += blockRows) {
    const columns = takeBlock(Y, k, kernel.y, kernel.stride);
    for (let i = 0; i < X.rows; i += blockRows) {
      const rows = takeBlock(X, i, kernel.x, kernel.stride);
      for (let row = 0; row < rows; row += 4) {
        for (let column = 0; column < columns; column += 2) {
          kernel.multiply(row, column);
          const at = (i + row) * Y.rows + k + column;
          const isSingle = column + 1 === columns;
          for (let r = 0; r < Math.min(4, rows - row); r++) {
            out.data[at + r * Y.rows] = kernel.sums[2 * r]!;
            if (!isSingle) out.data[at + r * Y.rows + 1] = kernel.sums[2 * r + 1]!;
          }
        }
      }
    }
  }
}

/** Copies up to `blockRows` rows, and zeros behind them up to the next whole four. @returns how many there are */
function takeBlock({ rows, columns, data }: Matrix, from: number, into: Float64Array, stride: number): number {
  const count = Math.min(blockRows, rows - from);
  if (stride === columns) into.set(data.subarray(from * columns, (from + count) * columns));
  else {
    for (let r = 0; r < count; r++) {
      into.set(data.subarray((from + r) * columns, (from + r + 1) * columns), r * stride);
      into[r * stride + columns] = 0;
    }
  }
  into.fill(0, count * stride, Math.min(blockRows, count + 3) * stride);
  return count;
}
