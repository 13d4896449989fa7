import { type FunctionDefinition, four, type Lanes, one } from '@espalier/simd';
import { eachPlace, walk } from './place-loop.ts';

/**
 * c[r, o] += sum over places of a[place, r] b[place, o]: a block of a product of `a` transposed and `b`, with the
 * accumulators in registers. Names end in the number of rows and the columns of one block.
 *
 * Places form a box of `images * height * width`, which lies in `a` and in `b` with steps of their own (in bytes), so
 * either can be a strided window of an image. `c` has `blocks` blocks of columns, and rows `cRow` bytes apart.
 */
export const productKernels = {
  product4x8: product(4, four, 2),
  product1x8: product(1, four, 2),
  product4x1: product(4, one, 1),
  product1x1: product(1, one, 1),
} satisfies Record<string, FunctionDefinition>;

function product<F extends 'f32' | 'v128'>(rows: number, lanes: Lanes<F>, registers: number): FunctionDefinition {
  return (body) => {
    const at = body.integers(
      'a',
      'b',
      'c',
      'images',
      'height',
      'width',
      'aImage',
      'aRow',
      'aStep',
      'bImage',
      'bRow',
      'bStep',
      'cRow',
      'blocks',
    );
    const sums = Array.from({ length: rows * registers }, () => body.local(lanes.zero()));
    const columns = Array.from({ length: registers }, () => body.local(lanes.zero()));
    const a = walk(body, at.a, [at.aImage, at.aRow, at.aStep]);
    const b = walk(body, at.b, [at.bImage, at.bRow, at.bStep]);
    const c = body.local(at.c);
    const bytes = 4 * lanes.count;
    body.repeat(at.blocks, () => {
      for (const sum of sums) body.set(sum, lanes.zero());
      eachPlace(body, at, [a, b], () => {
        columns.forEach((column, i) => {
          body.set(column, lanes.load(b.place, i * bytes));
        });
        sums.forEach((sum, i) => {
          const value = lanes.splat(a.place, 4 * Math.floor(i / registers));
          body.set(sum, lanes.add(sum, lanes.multiply(value, columns[i % registers]!)));
        });
      });
      body.set(c, at.c);
      sums.forEach((sum, i) => {
        const offset = (i % registers) * bytes;
        lanes.store(body, c, lanes.add(lanes.load(c, offset), sum), offset);
        if (i % registers === registers - 1) body.advance(c, at.cRow);
      });
      for (const start of [at.b, at.c]) body.advance(start, registers * bytes);
    });
  };
}
