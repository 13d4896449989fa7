import type { NormalisationOps } from '../../../src/ops.ts';
import { expectShape } from '../../../src/shapes/expect-shape.ts';
import { of, perChannel, type Results } from './slow-tensors.ts';

/** What is computed row by row along the last axis. */
export function rows({
  make,
  map,
}: Results): Pick<NormalisationOps, 'layerNorm' | 'layerNormGradient' | 'softmax' | 'softmaxGradient'> {
  return {
    layerNorm(x, scale, shift, epsilon) {
      const channels = x.shape.at(-1)!;
      for (const parameter of [scale, shift]) expectShape(parameter.shape, [channels]);
      const { unit } = normalised(of(x), channels, epsilon);
      return map(x, (_, i) => unit[i]! * of(scale)[i % channels]! + of(shift)[i % channels]!);
    },
    layerNormGradient(dy, x, scale, epsilon) {
      const channels = x.shape.at(-1)!;
      expectShape(scale.shape, [channels]);
      expectShape(dy.shape, x.shape);
      const { unit, inverse } = normalised(of(x), channels, epsilon);
      const scaled = of(dy).map((value, i) => value * of(scale)[i % channels]!);
      const mean = sums(scaled, channels).map((sum) => sum / channels);
      const product = sums(
        scaled.map((value, i) => value * unit[i]!),
        channels,
      ).map((sum) => sum / channels);
      const dx = map(dy, (_, i) => {
        const row = Math.floor(i / channels);
        return inverse[row]! * (scaled[i]! - mean[row]! - unit[i]! * product[row]!);
      });
      const dScale = perChannel(dy, channels, (value, _, i) => value * unit[i]!);
      const dShift = perChannel(dy, channels, (value) => value);
      return { dx, dScale: make([channels], dScale), dShift: make([channels], dShift) };
    },
    softmax(x) {
      const channels = x.shape.at(-1)!;
      const largest = byRow(of(x), channels, (row) => Math.max(...row));
      const powers = of(x).map((value, i) => Math.exp(value - largest[Math.floor(i / channels)]!));
      const sum = sums(powers, channels);
      return map(x, (_, i) => powers[i]! / sum[Math.floor(i / channels)]!);
    },
    softmaxGradient(dy, y) {
      expectShape(dy.shape, y.shape);
      const channels = y.shape.at(-1)!;
      const sum = sums(
        of(y).map((value, i) => value * of(dy)[i]!),
        channels,
      );
      return map(y, (value, i) => value * (of(dy)[i]! - sum[Math.floor(i / channels)]!));
    },
  };
}

function normalised(x: Float64Array, channels: number, epsilon: number) {
  const mean = sums(x, channels).map((sum) => sum / channels);
  const centred = x.map((value, i) => value - mean[Math.floor(i / channels)]!);
  const inverse = sums(
    centred.map((value) => value * value),
    channels,
  ).map((sum) => 1 / Math.sqrt(sum / channels + epsilon));
  return { inverse, unit: centred.map((value, i) => value * inverse[Math.floor(i / channels)]!) };
}

function sums(x: Float64Array, channels: number): Float64Array {
  return byRow(x, channels, (row) => row.reduce((sum, value) => sum + value, 0));
}

function byRow(x: Float64Array, channels: number, of: (row: Float64Array) => number): Float64Array {
  return Float64Array.from({ length: x.length / channels }, (_, i) => of(x.subarray(i * channels, (i + 1) * channels)));
}
