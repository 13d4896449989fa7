import { sizeOf } from '@espalier/core';
import type { Tensor } from '../ops.ts';
import type { FloatBuffer, Heap } from './heap.ts';

/** `[rows, channels]`: what BatchNorm sees of an activation. */
export interface ChannelShape {
  readonly rows: number;
  readonly channels: number;
}

/** All axes but the last as rows. */
export function channelsOf({ shape }: Tensor): ChannelShape {
  return { channels: shape.at(-1)!, rows: sizeOf(shape.slice(0, -1)) };
}

export interface BatchNormOptions {
  readonly momentum: number;
  readonly epsilon: number;
}

interface Parameters {
  readonly scale: FloatBuffer;
  readonly shift: FloatBuffer;
  readonly runningMean: FloatBuffer;
  readonly runningVariance: FloatBuffer;
}

interface Normalised {
  readonly y: FloatBuffer;
  readonly runningMean: FloatBuffer;
  readonly runningVariance: FloatBuffer;
  /** The batch's mean, and the inverse of its standard deviation. */
  readonly mean: FloatBuffer;
  readonly inverseDeviation: FloatBuffer;
}

/** y = (x - mean) / sqrt(variance + epsilon) scale + shift, by the batch's statistics, which are summed in float64. */
export function batchNorm(
  heap: Heap,
  x: FloatBuffer,
  { rows, channels }: ChannelShape,
  parameters: Parameters,
  { momentum, epsilon }: BatchNormOptions,
): Normalised {
  using sums = heap.doubles(channels);
  using squares = heap.doubles(channels);
  const { groups, lanes } = groupsOf(channels);
  heap.kernels[`channelMoments${lanes}`](x.address, sums.address, squares.address, rows, groups);
  const means = sums.doubles.map((sum) => sum / rows);
  const variances = squares.doubles.map((square, c) => Math.max(0, square / rows - means[c]! ** 2));
  const unbiased = rows > 1 ? rows / (rows - 1) : 1;
  const mean = heap.from(means);
  const inverses = variances.map((variance) => 1 / Math.sqrt(variance + epsilon));
  const inverseDeviation = heap.from(inverses);
  using factor = heap.from(times(inverses, parameters.scale.values));
  const y = heap.allocate(x.count);
  const { shift } = parameters;
  heap.kernels[`normalise${lanes}`](x.address, mean.address, factor.address, shift.address, y.address, rows, groups);
  return {
    y,
    mean,
    inverseDeviation,
    runningMean: blend(heap, parameters.runningMean, means, momentum),
    runningVariance: blend(
      heap,
      parameters.runningVariance,
      variances.map((variance) => variance * unbiased),
      momentum,
    ),
  };
}

interface Operands {
  readonly dy: FloatBuffer;
  readonly x: FloatBuffer;
  readonly scale: FloatBuffer;
  readonly mean: FloatBuffer;
  readonly inverseDeviation: FloatBuffer;
}

/**
 * dx = scale / deviation (dy - mean(dy) - xhat mean(dy xhat)), with xhat = (x - mean) / deviation; dScale is the sum
 * of dy xhat and dShift that of dy.
 */
export function batchNormGradient(
  heap: Heap,
  { dy, x, scale, mean, inverseDeviation }: Operands,
  { rows, channels }: ChannelShape,
): { readonly dx: FloatBuffer; readonly dScale: FloatBuffer; readonly dShift: FloatBuffer } {
  using sums = heap.doubles(channels);
  using products = heap.doubles(channels);
  const { groups, lanes } = groupsOf(channels);
  const { kernels } = heap;
  kernels[`gradientMoments${lanes}`](dy.address, x.address, mean.address, sums.address, products.address, rows, groups);
  const shifts = sums.doubles.slice();
  const inverses = Float64Array.from(inverseDeviation.values);
  const scales = times(products.doubles, inverses);
  const factors = times(inverses, scale.values);
  using factor = heap.from(factors);
  using slope = heap.from(times(times(factors, inverses), scales).map((product) => -product / rows));
  using offset = heap.from(times(factors, shifts).map((product) => -product / rows));
  const dx = heap.allocate(x.count);
  kernels[`normaliseGradient${lanes}`](
    dy.address,
    x.address,
    mean.address,
    factor.address,
    slope.address,
    offset.address,
    dx.address,
    rows,
    groups,
  );
  return { dx, dScale: heap.from(scales), dShift: heap.from(shifts) };
}

/** How the channel kernels divide a row. */
export function groupsOf(channels: number): { readonly groups: number; readonly lanes: 4 | 1 } {
  return channels % 4 === 0 ? { groups: channels / 4, lanes: 4 } : { groups: channels, lanes: 1 };
}

function blend(heap: Heap, running: FloatBuffer, batch: Float64Array, momentum: number): FloatBuffer {
  const before = running.values;
  return heap.from(batch.map((value, c) => (1 - momentum) * before[c]! + momentum * value));
}

function times(a: Float64Array, b: Float32Array | Float64Array): Float64Array {
  return a.map((value, i) => value * b[i]!);
}
