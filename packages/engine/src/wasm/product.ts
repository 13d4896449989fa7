import type { FloatBuffer, Heap, Kernels } from './heap.ts';
import { addressOf, type BoxLayout } from './layout.ts';

/** c[r, o] += sum over the places of a box of a[place, r] b[place, o]. */
export interface TransposedProduct {
  readonly images: number;
  readonly height: number;
  readonly width: number;
  readonly a: BoxLayout;
  readonly b: BoxLayout;
  /** Values of `a`, side by side at each place. */
  readonly rows: number;
  /** Values of `b`, side by side at each place. */
  readonly columns: number;
  /** `[rows, columns]`, starting at `start`. */
  readonly c: { readonly buffer: FloatBuffer; readonly start: number };
}

export function addTransposedProduct({ kernels }: Heap, product: TransposedProduct): void {
  const { rows, columns, c } = product;
  const box = flattened(product);
  for (let row = 0; row < rows; ) {
    const height = rows - row >= 4 ? 4 : 1;
    for (let column = 0; column < columns; ) {
      const width = columns - column >= 8 ? 8 : 1;
      const blocks = Math.floor((columns - column) / width);
      const target = addressOf(c.buffer, c.start + row * columns + column);
      const [a, b] = [
        addressOf(product.a.buffer, product.a.start + row),
        addressOf(product.b.buffer, product.b.start + column),
      ];
      kernelFor(kernels, height, width)(a, b, target, ...box, 4 * columns, blocks);
      column += blocks * width;
    }
    row += height;
  }
}

function kernelFor(kernels: Kernels, height: 4 | 1, width: 8 | 1): (...numbers: number[]) => void {
  return kernels[`product${height}x${width}`];
}

/** Counts and byte steps of the box, with dimensions of length one moved out of the innermost loop. */
function flattened({ images, height, width, a, b }: TransposedProduct): readonly number[] {
  let counts = [images, height, width];
  let steps = [a.image, a.row, a.step, b.image, b.row, b.step].map((step) => 4 * step);
  for (let i = 0; i < 2 && counts[2] === 1; i++) {
    counts = [1, counts[0]!, counts[1]!];
    steps = [0, steps[0]!, steps[1]!, 0, steps[3]!, steps[4]!];
  }
  return [...counts, ...steps];
}
