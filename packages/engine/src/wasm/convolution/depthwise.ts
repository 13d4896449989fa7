import type { FloatBuffer, Heap } from '../heap.ts';
import { activation } from '../tfjs-module.ts';
import type { PaddedAxis } from './convolution.ts';
import type { DepthwiseGeometry } from './depthwise-geometry.ts';
import { depthwiseByRows } from './depthwise-rows.ts';
import { type Epilogue, finish } from './finish.ts';
import type { Axis } from './geometry.ts';

/** XNNPACK's own kernels reach so far; what is larger it computes as many small products, in six times the time of ours. */
const mostTaps = 25;

/** activation(convolution + bias), each part only if asked for. */
export function convolveDepthwise(
  heap: Heap,
  x: FloatBuffer,
  kernel: FloatBuffer,
  geometry: DepthwiseGeometry,
  epilogue: Epilogue,
): FloatBuffer {
  if (geometry.kernelHeight * geometry.kernelWidth <= mostTaps) return byXnnpack(heap, x, kernel, geometry, epilogue);
  const y = depthwiseByRows(heap, x, kernel, geometry);
  finish(heap, y, geometry.outputs, epilogue);
  return y;
}

/** Every output is summed in the same order whatever the batch. */
function byXnnpack(
  heap: Heap,
  x: FloatBuffer,
  kernel: FloatBuffer,
  geometry: DepthwiseGeometry,
  { bias, relu, relu6 }: Epilogue,
): FloatBuffer {
  const { images, inputs, outputs } = geometry;
  const rows = wholeAxis(geometry.rows, geometry.kernelHeight);
  const columns = wholeAxis(geometry.columns, geometry.kernelWidth);
  const y = heap.allocate(images * geometry.rows.output * geometry.columns.output * outputs);
  heap.tfjs._FusedDepthwiseConv2D(
    x.id,
    images,
    rows.input,
    columns.input,
    kernel.id,
    rows.taps,
    columns.taps,
    bias?.id ?? 0,
    rows.before,
    columns.after,
    rows.after,
    columns.before,
    0,
    1,
    1,
    rows.stride,
    columns.stride,
    inputs,
    outputs,
    activation[relu6 ? 'relu6' : relu ? 'relu' : 'linear'],
    0,
    0,
    y.id,
  );
  return y;
}

/** The axis with all taps of a kernel of `size`, those that only meet padding included. */
function wholeAxis({ input, output, stride, skipped, padding }: Axis, size: number): PaddedAxis {
  const before = padding + skipped;
  return { input, taps: size, stride, before, after: Math.max(0, (output - 1) * stride + size - input - before) };
}
