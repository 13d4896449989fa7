import { groupsOf } from './batch-norm.ts';
import type { Axis, Geometry } from './geometry.ts';
import type { FloatBuffer, Heap } from './heap.ts';
import { addressOf } from './layout.ts';

/** Largest value of each window; `geometry` is that of a convolution with as many outputs as inputs. */
export function maxPool(heap: Heap, x: FloatBuffer, geometry: Geometry): FloatBuffer {
  const { images, rows, columns, inputs } = geometry;
  const { groups, lanes } = groupsOf(inputs);
  const largest = heap.kernels[`largest${lanes}`];
  const y = heap.allocate(images * rows.output * columns.output * inputs);
  eachWindow(geometry, (input, output, height, width) => {
    const [from, to] = [addressOf(x, input * inputs), addressOf(y, output * inputs)];
    largest(from, to, height, width, 4 * columns.input * inputs, 4 * inputs, groups);
  });
  return y;
}

/** Each dy goes to the first place of its window that holds y. */
export function maxPoolGradient(
  heap: Heap,
  dy: FloatBuffer,
  x: FloatBuffer,
  y: FloatBuffer,
  geometry: Geometry,
): FloatBuffer {
  const { columns, inputs } = geometry;
  const { groups, lanes } = groupsOf(inputs);
  const largestGradient = heap.kernels[`largestGradient${lanes}`];
  const dx = heap.zeros(x.count);
  eachWindow(geometry, (input, output, height, width) => {
    const [xAt, yAt, dyAt, dxAt] = [
      addressOf(x, input * inputs),
      addressOf(y, output * inputs),
      addressOf(dy, output * inputs),
      addressOf(dx, input * inputs),
    ];
    largestGradient(xAt, yAt, dyAt, dxAt, height, width, 4 * columns.input * inputs, 4 * inputs, groups);
  });
  return dx;
}

type WindowVisitor = (input: number, output: number, height: number, width: number) => void;

/** Visits each window with its first place in the input, its place in the output, and its size inside the input. */
function eachWindow({ images, rows, columns }: Geometry, visit: WindowVisitor): void {
  for (let image = 0; image < images; image++) {
    for (let i = 0; i < rows.output; i++) {
      const [top, bottom] = windowOf(rows, i);
      const row = (image * rows.input + top) * columns.input;
      for (let j = 0; j < columns.output; j++) {
        const [left, right] = windowOf(columns, j);
        visit(row + left, (image * rows.output + i) * columns.output + j, bottom - top, right - left);
      }
    }
  }
}

function windowOf({ input, stride, taps, padding }: Axis, output: number): readonly [start: number, end: number] {
  const start = output * stride - padding;
  return [Math.max(0, start), Math.min(input, start + taps)];
}
