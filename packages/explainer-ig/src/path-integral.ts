import { type Model, ndArray } from '@espalier/core';
import type { Quadrature } from './gauss-legendre.ts';
import { type PathRule, quadrature, refine } from './path-rules.ts';

/** The straight paths from some baselines to one image, and the logit that is followed along them. */
export interface Paths {
  readonly model: Model;
  /** Row-major `h w c`. */
  readonly image: Float32Array;
  readonly baselines: readonly Float32Array[];
  readonly classIndex: number;
}

/** Numbers that stand for the reasons in the diagnostic `stop`. */
export const stopCodes = { fixed: 0, tolerance: 1, limit: 2 } as const;

interface PathIntegral {
  readonly attribution: Float64Array;
  /** Sum of the attribution minus the change of the logit from baseline to image. */
  readonly delta: number;
  readonly steps: number;
  readonly stop: keyof typeof stopCodes;
}

/** How the integral is summed, and how exact it is to be. */
export interface IntegrationOptions {
  readonly rule: PathRule;
  readonly steps: number;
  readonly tolerance: number | null;
  readonly maxSteps: number;
  readonly pointsPerCall: number;
}

/**
 * The attribution of one image x, from a baseline b, for the logit f of a class (Sundararajan et al. 2017, equation 1):
 *
 *     IG[i] = (x[i] - b[i]) integral over a in [0, 1] of (d f / d x[i])(b + a (x - b))
 *
 * with the integral as a quadrature, and averaged over the baselines. Slowly:
 *
 *     for each baseline b, for each point a of weight w:
 *       gradient = d f / d x at b + a (x - b)                     h w c
 *       IG += w / baselines (x - b) gradient                      h w c
 *
 * Were the integral exact, the attributions would add up to f(x) - f(b): what they miss it by is `delta`. While a tolerance asks for
 * less and `maxSteps` allows it, the quadrature is refined.
 */
export async function integrate(
  paths: Paths,
  { rule, steps, tolerance, maxSteps, pointsPerCall }: IntegrationOptions,
  told: (part: number) => void,
): Promise<PathIntegral> {
  const difference = await outputDifference(paths);
  const attribution = new Float64Array(paths.image.length);
  const deltaNow = () => attribution.reduce((sum, value) => sum + value, 0) - difference;
  if (tolerance === null || rule === 'captum-trapezoid') {
    await addWeightedGradients(attribution, paths, quadrature(rule, steps), pointsPerCall, told);
    return { attribution, delta: deltaNow(), steps, stop: 'fixed' };
  }
  // How often it must be refined is not known: each pass counts for half of what is left.
  let left = 1;
  const pass = async (points: Quadrature): Promise<void> => {
    const before = left;
    await addWeightedGradients(attribution, paths, points, pointsPerCall, (part) => told(1 - before * (1 - part / 2)));
    left /= 2;
  };
  await pass(quadrature(rule, steps));
  let count = steps;
  let delta = deltaNow();
  while (Math.abs(delta) > tolerance) {
    const finer = refine(rule, count);
    if (finer.count > maxSteps) return { attribution, delta, steps: count, stop: 'limit' };
    for (let i = 0; i < attribution.length; i++) attribution[i]! *= finer.keep;
    await pass(finer.added);
    count = finer.count;
    delta = deltaNow();
  }
  return { attribution, delta, steps: count, stop: 'tolerance' };
}

/**
 * Adds (image - baseline) x sum of weight x gradient(baseline + point x (image - baseline)), averaged over the
 * baselines, to `total`.
 *
 * @param pointsPerCall how many points the model is asked about at once; memory grows with it and nothing else
 * @param told is called after each of these calls with the part of the points that is done, in (0, 1]
 */
async function addWeightedGradients(
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
      const into = images.data.subarray(row * image.length, (row + 1) * image.length);
      for (let i = 0; i < into.length; i++) into[i] = baseline[i]! + point * (image[i]! - baseline[i]!);
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
async function outputDifference({ model, image, baselines, classIndex }: Paths): Promise<number> {
  const { height, width, channels } = model.input;
  const images = ndArray('n h w c', [1 + baselines.length, height, width, channels]);
  [image, ...baselines].forEach((values, row) => {
    images.data.set(values, row * image.length);
  });
  const { data, shape } = await model.predict(images);
  const logits = data.filter((_, i) => i % shape[1]! === classIndex);
  return logits[0]! - logits.subarray(1).reduce((sum, value) => sum + value, 0) / baselines.length;
}
