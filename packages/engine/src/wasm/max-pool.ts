import { groupsOf } from './batch-norm.ts';
import type { Axis, Geometry } from './convolution/geometry.ts';
import type { FloatBuffer, Heap } from './heap.ts';
import { addressOf } from './layout.ts';

/** Largest value of each window; `geometry` is that of a convolution with as many outputs as inputs. */
export function maxPool(heap: Heap, x: FloatBuffer, geometry: Geometry): FloatBuffer {
  const { images, rows, columns, inputs } = geometry;
  const { groups, lanes } = groupsOf(inputs);
  const largest = heap.kernels[`largest${lanes}`];
  const windows = windowsOf(geometry);
  const y = heap.allocate(images * windows.length * inputs);
  for (let image = 0; image < images; image++) {
    const xAt = addressOf(x, image * rows.input * columns.input * inputs);
    const yAt = addressOf(y, image * windows.length * inputs);
    for (let i = 0; i < windows.length; i++) {
      const { first, height, width } = windows[i]!;
      largest(xAt + 4 * first, yAt + 4 * i * inputs, height, width, 4 * columns.input * inputs, 4 * inputs, groups);
    }
  }
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
  const { images, rows, columns, inputs } = geometry;
  const { groups, lanes } = groupsOf(inputs);
  const largestGradient = heap.kernels[`largestGradient${lanes}`];
  const windows = windowsOf(geometry);
  const dx = heap.zeros(x.count);
  const [down, right] = [4 * columns.input * inputs, 4 * inputs];
  for (let image = 0; image < images; image++) {
    const inputAt = image * rows.input * columns.input * inputs;
    const outputAt = image * windows.length * inputs;
    for (let i = 0; i < windows.length; i++) {
      const { first, height, width } = windows[i]!;
      const [xAt, dxAt] = [addressOf(x, inputAt + first), addressOf(dx, inputAt + first)];
      const [yAt, dyAt] = [addressOf(y, outputAt + i * inputs), addressOf(dy, outputAt + i * inputs)];
      largestGradient(xAt, yAt, dyAt, dxAt, height, width, down, right, groups);
    }
  }
  return dx;
}

interface Window {
  /** Index of its first value in an image. */
  readonly first: number;
  /** Its size inside the image. */
  readonly height: number;
  readonly width: number;
}

/** The windows of an image, row by row. */
function windowsOf({ rows, columns, inputs }: Geometry): readonly Window[] {
  return places(rows).flatMap(([top, bottom]) =>
    places(columns).map(([left, right]) => ({
      first: (top * columns.input + left) * inputs,
      height: bottom - top,
      width: right - left,
    })),
  );
}

function places({ input, output, stride, taps, padding }: Axis): readonly (readonly [start: number, end: number])[] {
  return Array.from({ length: output }, (_, i) => {
    const start = i * stride - padding;
    return [Math.max(0, start), Math.min(input, start + taps)];
  });
}
