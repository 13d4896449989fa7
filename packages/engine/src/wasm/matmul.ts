import type { Transposition } from '../ops.ts';
import type { ProductSizes } from '../shapes/product-shapes.ts';
import { convolve } from './convolution/convolution.ts';
import { type Epilogue, finish } from './convolution/finish.ts';
import { geometryOf } from './convolution/geometry.ts';
import type { FloatBuffer, Heap } from './heap.ts';
import { move } from './move.ts';
import { addTransposedProduct } from './product.ts';

/** From so many values on, a second matrix is worth packing for XNNPACK. */
const worthPacking = 2 ** 15;

/** Longer sums are added up in parts, which keeps float32 accurate. */
const longestSum = 1024;

/**
 * a b, for each pair of a stack of matrices. Each value is summed in the order of its terms whatever the other rows, so one
 * image's results do not depend on its batch; the bias is added last, as `addBias` does.
 */
export function matmul(
  heap: Heap,
  a: FloatBuffer,
  b: FloatBuffer,
  sizes: ProductSizes,
  transpose: Transposition,
  end: Omit<Epilogue, 'residual'> = {},
): FloatBuffer {
  const { count, rows, depth, columns } = sizes;
  if (count === 1 && !transpose.a && depth * columns >= worthPacking) {
    const kernel = transpose.b ? b.derive('transposed', () => transposed(heap, b, 1, columns, depth)) : b;
    const geometry = geometryOf([1, rows, 1, depth], [1, 1, depth, columns], { stride: 1, padding: 0 });
    const product = convolve(heap, a, kernel, geometry);
    finish(heap, product, columns, end);
    return product;
  }
  using left = transpose.a ? a.share() : transposed(heap, a, count, rows, depth);
  using right = transpose.b ? transposed(heap, b, count, columns, depth) : b.share();
  const product = heap.zeros(count * rows * columns);
  for (let i = 0; i < count; i++) addProduct(heap, left, right, sizes, i, product);
  finish(heap, product, columns, end);
  return product;
}

/** Adds the i-th product of a stack: of `[depth, rows]` transposed and `[depth, columns]`. */
function addProduct(
  heap: Heap,
  left: FloatBuffer,
  right: FloatBuffer,
  { rows, depth, columns }: ProductSizes,
  i: number,
  product: FloatBuffer,
): void {
  for (let start = 0; start < depth; start += longestSum) {
    addTransposedProduct(heap, {
      images: 1,
      height: 1,
      width: Math.min(longestSum, depth - start),
      a: { buffer: left, start: (i * depth + start) * rows, image: 0, row: 0, step: rows },
      b: { buffer: right, start: (i * depth + start) * columns, image: 0, row: 0, step: columns },
      rows,
      columns,
      c: { buffer: product, start: i * rows * columns },
    });
  }
}

/** A stack of `[rows, columns]` as `[columns, rows]`. */
function transposed(heap: Heap, x: FloatBuffer, count: number, rows: number, columns: number): FloatBuffer {
  const buffer = heap.allocate(x.count);
  const size = rows * columns;
  const source = { buffer: x, start: 0, steps: [size, 1, columns] };
  move(heap, [count, columns, rows], source, { buffer, start: 0, steps: [size, rows, 1] });
  return buffer;
}
