import { type Model, ndArray } from '@espalier/core';
import type { Quadrature } from './gauss-legendre.ts';

/** The straight paths from some baselines to one image, and the logit that is followed along them. */
export interface Paths {
  readonly model: Model;
  /** Row-major `h w c`. */
  readonly image: Float32Array;
  readonly baselines: readonly Float32Array[];
  readonly classIndex: number;
}

/**
 * Adds (image - baseline) x sum of weight x gradient(baseline + point x (image - baseline)), averaged over the
 * baselines, to `total`.
 *
 * @param pointsPerCall how many points the model is asked about at once; memory grows with it and nothing else
 * @param told is called after each of these calls with the part of the points that is done, in (0, 1]
 */
export async function addWeightedGradients(
  total: Float64Array,
  { model, image, baselines, classIndex }: Paths,
  { points, weights }: Quadrature,
  pointsPerCall: number,
  told: (part: number) => void = () => {},
): Promise<void> {
  const { height, width, channels } = model.input;
  const steps = baselines.flatMap((baseline) => points.map((point, i) => ({ baseline, point, weight: weights[i]! })));
  for (let start = 0; start < steps.length; start += pointsPerCall) {
    const chunk = steps.slice(start, start + pointsPerCall);
    const images = ndArray('n h w c', [chunk.length, height, width, channels]);
    chunk.forEach(({ baseline, point }, row) => {
      writePoint(images.data.subarray(row * image.length, (row + 1) * image.length), image, baseline, point);
    });
    const { data } = await model.inputGradient(
      images,
      chunk.map(() => classIndex),
    );
    chunk.forEach(({ baseline, weight }, row) => {
      const scale = weight / baselines.length;
      const at = row * image.length;
      for (let i = 0; i < image.length; i++) total[i]! += scale * (image[i]! - baseline[i]!) * data[at + i]!;
    });
    told(Math.min(1, (start + pointsPerCall) / steps.length));
  }
}

/** f(image) - mean of f(baseline): what the attributions of one image add up to when the integral is exact. */
export async function outputDifference({ model, image, baselines, classIndex }: Paths): Promise<number> {
  const { height, width, channels } = model.input;
  const images = ndArray('n h w c', [1 + baselines.length, height, width, channels]);
  [image, ...baselines].forEach((values, row) => {
    images.data.set(values, row * image.length);
  });
  const { data, shape } = await model.predict(images);
  const logits = data.filter((_, i) => i % shape[1]! === classIndex);
  return logits[0]! - logits.subarray(1).reduce((sum, value) => sum + value, 0) / baselines.length;
}

function writePoint(into: Float32Array, image: Float32Array, baseline: Float32Array, point: number): void {
  for (let i = 0; i < into.length; i++) into[i] = baseline[i]! + point * (image[i]! - baseline[i]!);
}
