import type { Transposition } from '../ops.ts';
import type { ProductSizes } from '../shapes/product-shapes.ts';
import { convolve } from './convolution/convolution.ts';
import { type Epilogue, finish } from './convolution/finish.ts';
import { geometryOf } from './convolution/geometry.ts';
import type { FloatBuffer, Heap } from './heap.ts';
import { type Layout, move } from './move.ts';
import { addTransposedProduct } from './product.ts';
import { stepsOf } from './strides.ts';

/** From so many values on, a second matrix is worth packing for XNNPACK. */
const worthPacking = 2 ** 15;

/** From so many values on (256 MB), it is not: beside it, what is packed of it and of its transpose would fill the memory. */
const tooLargeToPack = 2 ** 26;

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
  const size = depth * columns;
  if (count === 1 && !transpose.a && size >= worthPacking && size < tooLargeToPack) {
    const kernel = transpose.b ? b.derive('transposed', () => transposed(heap, b, 1, columns, depth)) : b;
    const geometry = geometryOf([1, rows, 1, depth], [1, 1, depth, columns], { stride: 1, padding: 0 });
    const product = convolve(heap, a, kernel, geometry);
    finish(heap, product, columns, end);
    return product;
  }
  using left = transpose.a ? a.share() : transposed(heap, a, count, rows, depth);
  const product = heap.zeros(count * rows * columns);
  for (let i = 0; i < count; i++) addProduct(heap, left, { b, isTransposed: transpose.b === true }, sizes, i, product);
  finish(heap, product, columns, end);
  return product;
}

/** Adds the i-th product of a stack: of `[depth, rows]` transposed and `[depth, columns]`, or `[columns, depth]` where it is transposed. */
function addProduct(
  heap: Heap,
  left: FloatBuffer,
  { b, isTransposed }: { readonly b: FloatBuffer; readonly isTransposed: boolean },
  { rows, depth, columns }: ProductSizes,
  i: number,
  product: FloatBuffer,
): void {
  for (let start = 0; start < depth; start += longestSum) {
    const width = Math.min(longestSum, depth - start);
    const from = i * depth * columns;
    // Only the part at hand is transposed: a large matrix has no room for another of its size.
    using part = isTransposed
      ? gathered(heap, { buffer: b, start: from + start, steps: [1, depth] }, [width, columns])
      : b.share();
    addTransposedProduct(heap, {
      images: 1,
      height: 1,
      width,
      a: { buffer: left, start: (i * depth + start) * rows, image: 0, row: 0, step: rows },
      b: { buffer: part, start: isTransposed ? 0 : from + start * columns, image: 0, row: 0, step: columns },
      rows,
      columns,
      c: { buffer: product, start: i * rows * columns },
    });
  }
}

/** A stack of `[rows, columns]` as `[columns, rows]`. */
function transposed(heap: Heap, x: FloatBuffer, count: number, rows: number, columns: number): FloatBuffer {
  return gathered(heap, { buffer: x, start: 0, steps: [rows * columns, 1, columns] }, [count, columns, rows]);
}

/** Values of a buffer as a dense array of `shape`. */
function gathered(heap: Heap, source: Layout, shape: readonly number[]): FloatBuffer {
  const steps = stepsOf(shape);
  const buffer = heap.allocate(shape[0]! * steps[0]!);
  move(heap, shape, source, { buffer, start: 0, steps });
  return buffer;
}
