import type { FloatBuffer, Heap } from '../heap.ts';
import { copyBox } from '../layout.ts';
import { activation } from '../tfjs-module.ts';
import { channelBlocks, channelsOf, kernelOf } from './channel-blocks.ts';
import { type Epilogue, finish } from './finish.ts';
import { type Axis, type Geometry, outputShape } from './geometry.ts';

/** relu or relu6 of convolution + bias + residual, each part only if asked for. */
export function convolve(
  heap: Heap,
  x: FloatBuffer,
  kernel: FloatBuffer,
  geometry: Geometry,
  epilogue: Epilogue = {},
): FloatBuffer {
  const { images, inputs, outputs } = geometry;
  const { bias, residual, relu = false, relu6 = false } = epilogue;
  const whole = withoutIdleTaps(heap, kernel, geometry);
  const rows = paddedAxis(geometry.rows);
  const columns = paddedAxis(geometry.columns);
  const y = heap.allocate(outputShape(geometry).reduce((size, length) => size * length));
  const { add, addRelu } = heap.kernels;
  const addToY = (summand: FloatBuffer, isLast: boolean): void =>
    (relu && isLast ? addRelu : add)(y.address, summand.address, y.address, y.vectors);
  const blocks = channelBlocks(geometry);
  const isOneSum = blocks.length === 1 && !residual;
  for (const [i, block] of blocks.entries()) {
    using part = channelsOf(heap, x, inputs, block);
    using sum = i === 0 ? y.share() : heap.allocate(y.count);
    correlate(heap, {
      ...{ images, rows, columns, filters: outputs, channels: block.size },
      x: part,
      kernel: kernelOf(heap, whole, geometry, block),
      bias: i === 0 ? bias : undefined,
      end: !isOneSum ? 'linear' : relu6 ? 'relu6' : relu ? 'relu' : 'linear',
      y: sum,
    });
    if (i > 0) addToY(sum, !residual && i === blocks.length - 1);
  }
  if (residual) addToY(residual, true);
  if (relu6 && !isOneSum) finish(heap, y, outputs, { relu6 });
  return y;
}

/** One dimension of a correlation, with the zeros before and after its input. */
export interface PaddedAxis {
  readonly input: number;
  readonly taps: number;
  readonly stride: number;
  readonly before: number;
  readonly after: number;
}

export interface Correlation {
  readonly x: { readonly id: number };
  readonly images: number;
  readonly channels: number;
  /** `[rows.taps, columns.taps, channels, filters]` */
  readonly kernel: FloatBuffer;
  readonly filters: number;
  readonly rows: PaddedAxis;
  readonly columns: PaddedAxis;
  readonly bias?: FloatBuffer | undefined;
  readonly end?: keyof typeof activation;
  readonly y: FloatBuffer;
}

/**
 * XNNPACK's convolution. It packs a kernel once and keeps that under the kernel's id; every output is summed in the
 * same order whatever the batch, so an image's result does not depend on its neighbours.
 */
export function correlate(
  heap: Heap,
  { x, images, channels, kernel, filters, rows, columns, bias, end = 'linear', y }: Correlation,
): void {
  heap.tfjs._FusedConv2D(
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
    channels,
    filters,
    activation[end],
    0,
    0,
    y.id,
  );
}

/** The part of `[h, w, i, o]` that can meet more than padding. */
function withoutIdleTaps(heap: Heap, kernel: FloatBuffer, geometry: Geometry): FloatBuffer {
  const { rows, columns, inputs, outputs, kernelWidth } = geometry;
  const tap = inputs * outputs;
  if (rows.taps * columns.taps * tap === kernel.count) return kernel;
  return kernel.derive(`taps ${rows.skipped} ${rows.taps} ${columns.skipped} ${columns.taps}`, () => {
    const part = heap.allocate(rows.taps * columns.taps * tap);
    copyBox(heap, {
      images: 1,
      height: rows.taps,
      width: columns.taps,
      run: tap,
      source: {
        buffer: kernel,
        start: (rows.skipped * kernelWidth + columns.skipped) * tap,
        image: 0,
        row: kernelWidth * tap,
        step: tap,
      },
      target: { buffer: part, start: 0, image: 0, row: columns.taps * tap, step: tap },
    });
    return part;
  });
}

function paddedAxis({ input, output, stride, taps, padding }: Axis): PaddedAxis {
  const after = Math.max(0, (output - 1) * stride + taps - input - padding);
  return { input, taps, stride, before: padding, after };
}
