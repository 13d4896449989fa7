import type { Ops, Tensor } from '../../ops.ts';
import { of, perChannel, type Results } from './slow-tensors.ts';

/** What is computed place by place, and the product of matrices. */
export function products({
  make,
  map,
}: Results): Pick<Ops, 'relu' | 'reluGradient' | 'add' | 'multiply' | 'addBias' | 'biasGradient' | 'matmul'> {
  return {
    relu: (x) => map(x, (value) => Math.max(0, value)),
    reluGradient: (dy, y) => map(dy, (value, i) => (of(y)[i]! > 0 ? value : 0)),
    add: (a, b) => map(a, (value, i) => value + of(b)[i]!),
    multiply: (a, b) => map(a, (value, i) => value * of(b)[i]!),
    addBias: (x, bias) => map(x, (value, i) => value + of(bias)[i % of(bias).length]!),
    biasGradient: (dy) =>
      make(
        [dy.shape.at(-1)!],
        perChannel(dy, dy.shape.at(-1)!, (value) => value),
      ),
    matmul(a, b, transpose = {}) {
      const at = (x: Tensor, flip: boolean | undefined) => (row: number, column: number) =>
        of(x)[flip ? column * x.shape[1]! + row : row * x.shape[1]! + column]!;
      const [left, right] = [at(a, transpose.a), at(b, transpose.b)];
      const [rows, inner] = transpose.a ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!];
      const columns = transpose.b ? b.shape[0]! : b.shape[1]!;
      const y = make([rows, columns]);
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          for (let k = 0; k < inner; k++) y.values[i * columns + j]! += left(i, k) * right(k, j);
        }
      }
      return y;
    },
  };
}
