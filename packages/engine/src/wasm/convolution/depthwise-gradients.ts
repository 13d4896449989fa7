import { groupsOf } from '../batch-norm.ts';
import type { FloatBuffer, Heap } from '../heap.ts';
import { addressOf } from '../layout.ts';
import type { DepthwiseGeometry } from './depthwise-geometry.ts';
import { eachMeeting, oneOfEach } from './depthwise-rows.ts';

/** dx += dy times the tap that joined them; one row of dy at a time, so that it stays in the cache. */
export function depthwiseInputGradient(
  heap: Heap,
  dy: FloatBuffer,
  kernel: FloatBuffer,
  geometry: DepthwiseGeometry,
): FloatBuffer {
  const { images, rows, columns, inputs } = geometry;
  const { groups, lanes } = groupsOf(inputs);
  const addProducts = heap.kernels[`addProducts${lanes}`];
  const dx = heap.zeros(images * rows.input * columns.input * inputs);
  eachKernelOfChannels(heap, dy, geometry, (upstream, j) => {
    using taps = oneOfEach(heap, kernel, geometry, j);
    eachMeeting(geometry, ({ tap, output, input, count }) => {
      addProducts(
        ...[addressOf(upstream, output), addressOf(taps, tap), addressOf(dx, input), 1, 1, count],
        ...[0, 0, 4 * inputs, 0, 0, 0, 0, 0, 4 * columns.stride * inputs, groups],
      );
    });
  });
  return dx;
}

/** For each tap, the products of the inputs that it met and dy, summed in float64. */
export function depthwiseKernelGradient(
  heap: Heap,
  dy: FloatBuffer,
  x: FloatBuffer,
  geometry: DepthwiseGeometry,
): FloatBuffer {
  const { columns, inputs, kernelHeight, kernelWidth, each } = geometry;
  const { groups, lanes } = groupsOf(inputs);
  const sumProducts = heap.kernels[`sumProducts${lanes}`];
  const gradient = heap.allocate(kernelHeight * kernelWidth * inputs * each);
  eachKernelOfChannels(heap, dy, geometry, (upstream, j) => {
    using sums = heap.doubles(kernelHeight * kernelWidth * inputs);
    eachMeeting(geometry, ({ tap, output, input, count }) => {
      sumProducts(
        ...[addressOf(x, input), addressOf(upstream, output), sums.address + 8 * tap, 1, 1, count],
        ...[0, 0, 4 * columns.stride * inputs, 0, 0, 4 * inputs, 0, 0, 0, groups],
      );
    });
    const { values } = gradient;
    sums.doubles.forEach((sum, i) => {
      values[i * each + j] = sum;
    });
  });
  return gradient;
}

/** Calls `work` with the part of dy that comes from the j-th kernel of every channel: `[n, h, w, c]`. */
function eachKernelOfChannels(
  heap: Heap,
  dy: FloatBuffer,
  geometry: DepthwiseGeometry,
  work: (dy: FloatBuffer, j: number) => void,
): void {
  for (let j = 0; j < geometry.each; j++) {
    using part = oneOfEach(heap, dy, geometry, j);
    work(part, j);
  }
}
