import type { FloatBuffer, Heap } from './heap.ts';
import { transposeInto } from './layout.ts';
import { addTransposedProduct } from './product.ts';

export interface Matrix {
  readonly buffer: FloatBuffer;
  readonly rows: number;
  readonly columns: number;
}

/**
 * a b. Each value is summed in the order of its terms whatever the other rows, so one image's logits do not depend on
 * its batch.
 */
export function matmul(
  heap: Heap,
  a: Matrix,
  b: Matrix,
  transpose: { readonly a: boolean; readonly b: boolean },
): FloatBuffer {
  using left = transpose.a ? a.buffer.share() : transposed(heap, a);
  using right = transpose.b ? transposed(heap, b) : b.buffer.share();
  const [depth, rows] = transpose.a ? [a.rows, a.columns] : [a.columns, a.rows];
  const columns = transpose.b ? b.rows : b.columns;
  const buffer = heap.zeros(rows * columns);
  addTransposedProduct(heap, {
    images: 1,
    height: 1,
    width: depth,
    a: { buffer: left, start: 0, image: 0, row: 0, step: rows },
    b: { buffer: right, start: 0, image: 0, row: 0, step: columns },
    rows,
    columns,
    c: { buffer, start: 0 },
  });
  return buffer;
}

function transposed(heap: Heap, { buffer, rows, columns }: Matrix): FloatBuffer {
  const result = heap.allocate(buffer.count);
  const [source, target] = [
    { buffer, start: 0, pitch: columns },
    { buffer: result, start: 0, pitch: rows },
  ];
  transposeInto(heap, { rows, columns }, source, target);
  return result;
}
