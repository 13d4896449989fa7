import type { ElementwiseOps, Ops, Tensor, Transposition } from '../../../src/ops.ts';
import { expectShape } from '../../../src/shapes/expect-shape.ts';
import { broadcastShape, expectSumTo } from '../../../src/shapes/layout-shapes.ts';
import { productSizes } from '../../../src/shapes/product-shapes.ts';
import { activated } from './slow-activations.ts';
import { indicesOf, placeOf } from './slow-indices.ts';
import { of, perChannel, type Results, type SlowTensor } from './slow-tensors.ts';

type Placewise = keyof Omit<ElementwiseOps, 'activate' | 'activateGradient'>;

/** What is computed place by place. */
export function placewise({ make, map }: Results): Pick<Ops, Placewise> {
  const combined = (a: Tensor, b: Tensor, combine: (a: number, b: number) => number) => {
    const shape = broadcastShape(a.shape, b.shape);
    const value = (index: readonly number[]) =>
      combine(of(a)[placeOf(a.shape, index)]!, of(b)[placeOf(b.shape, index)]!);
    return make(shape, Float64Array.from(indicesOf(shape), value));
  };
  return {
    relu: (x) => map(x, (value) => Math.max(0, value)),
    reluGradient(dy, y) {
      expectShape(y.shape, dy.shape);
      return map(dy, (value, i) => (of(y)[i]! > 0 ? value : 0));
    },
    add: (a, b) => combined(a, b, (x, y) => x + y),
    multiply: (a, b) => combined(a, b, (x, y) => x * y),
    quotient(a, b, epsilon) {
      expectShape(b.shape, a.shape);
      return map(a, (value, i) => {
        const divisor = of(b)[i]! + (of(b)[i]! < 0 ? -epsilon : epsilon);
        return divisor === 0 ? 0 : value / divisor;
      });
    },
    sumTo(x, shape) {
      expectSumTo(x.shape, shape);
      const sums = make(shape);
      let i = 0;
      for (const index of indicesOf(x.shape)) sums.values[placeOf(shape, index)]! += of(x)[i++]!;
      return sums;
    },
    scale: (x, factor) => map(x, (value) => value * factor),
    addBias(x, bias) {
      expectShape(bias.shape, x.shape.slice(-1));
      return map(x, (value, i) => value + of(bias)[i % of(bias).length]!);
    },
    biasGradient: (dy) =>
      make(
        [dy.shape.at(-1)!],
        perChannel(dy, dy.shape.at(-1)!, (value) => value),
      ),
  };
}

/** Products of matrices. */
export function products({ make }: Results): Pick<Ops, 'matmul' | 'batchedMatmul'> {
  const batchedMatmul = (a: Tensor, b: Tensor, transpose: Transposition = {}): SlowTensor => {
    const { count, rows, depth, columns, shape } = productSizes(a.shape, b.shape, transpose);
    const [left, right] = [elements(a, transpose.a), elements(b, transpose.b)];
    const y = make(shape);
    for (const [n, i, j, k] of indicesOf([count, rows, columns, depth])) {
      y.values[(n! * rows + i!) * columns + j!]! += left(n!, i!, k!) * right(n!, k!, j!);
    }
    return y;
  };
  const matmul: Ops['matmul'] = (a, b, transpose = {}, { bias, ...end } = {}) => {
    const { values, shape } = batchedMatmul(a, b, transpose);
    if (bias) expectShape(bias.shape, shape.slice(-1));
    const columns = shape.at(-1)!;
    return make(
      shape,
      values.map((sum, i) => activated(sum + (bias ? of(bias)[i % columns]! : 0), end)),
    );
  };
  return { matmul, batchedMatmul };
}

/** The values of a stack of matrices by stack, row and column. */
function elements(x: Tensor, isTransposed = false) {
  const [height, width] = x.shape.slice(-2) as [number, number];
  return (n: number, row: number, column: number): number =>
    of(x)[n * height * width + (isTransposed ? column * width + row : row * width + column)]!;
}
