import type { PoolWindow, Tensor, Window } from '../../ops.ts';
import { convolvedShape, expectFour } from '../../shapes/window-shapes.ts';

type Shape4 = readonly [number, number, number, number];

/**
 * One dimension of a convolution, without the taps that only ever meet padding: `skipped` taps come first, then
 * `taps`. y[j] = sum over t of x[j stride + t - padding] kernel[skipped + t].
 */
export interface Axis {
  readonly input: number;
  readonly output: number;
  readonly stride: number;
  readonly skipped: number;
  readonly taps: number;
  readonly padding: number;
}

/** A convolution of `[images, rows.input, columns.input, inputs]` to `[images, rows.output, columns.output, outputs]`. */
export interface Geometry {
  readonly images: number;
  readonly rows: Axis;
  readonly columns: Axis;
  readonly inputs: number;
  readonly outputs: number;
  /** Of the whole kernel. */
  readonly kernelHeight: number;
  readonly kernelWidth: number;
}

/** @throws StudyError `core/shape-mismatch` where the shapes do not belong together or leave no output. */
export function geometryOf(input: readonly number[], kernel: readonly number[], window: Window): Geometry {
  convolvedShape(input, kernel, window);
  const [images, height, width] = input as Shape4; // as it was found to be
  const [kernelHeight, kernelWidth, inputs, outputs] = kernel as Shape4;
  const rows = axisOf(height, kernelHeight, window);
  const columns = axisOf(width, kernelWidth, window);
  return { images, rows, columns, inputs, outputs, kernelHeight, kernelWidth };
}

export function outputShape({ images, rows, columns, outputs }: Geometry): readonly number[] {
  return [images, rows.output, columns.output, outputs];
}

function axisOf(input: number, size: number, window: Window): Axis {
  const { stride, padding } = window;
  const output = Math.floor((input + 2 * padding - size) / stride) + 1;
  const skipped = Math.min(size - 1, Math.max(0, padding - (output - 1) * stride));
  const end = Math.min(size, padding + input);
  return { input, output, stride, skipped, taps: Math.max(1, end - skipped), padding: padding - skipped };
}

/** Length of the padded input that the taps of all outputs cover together. */
export function coveredLength({ output, stride, taps }: Axis): number {
  return (output - 1) * stride + taps;
}

/** Of the outputs `start` to `end`, those for which tap `tap` meets the input, and the first input it meets. */
export function overlap({ input, stride, padding }: Axis, tap: number, start: number, end: number) {
  const first = Math.max(start, Math.ceil((padding - tap) / stride));
  const last = Math.min(end - 1, Math.floor((input - 1 + padding - tap) / stride));
  return { output: first, input: first * stride + tap - padding, count: Math.max(0, last - first + 1) };
}

/** A pool seen as a convolution that keeps its channels. */
export function poolGeometry(x: Tensor, { height, width, ...window }: PoolWindow): Geometry {
  const [, , , channels] = expectFour(x.shape, 'An activation');
  return geometryOf(x.shape, [height, width, channels, channels], window);
}
