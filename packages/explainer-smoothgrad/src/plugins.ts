import {
  definePlugin,
  type Explainer,
  gradientIn,
  type InForce,
  imagesIn,
  imagesPerCallOption,
  type PlanKnowledge,
  reductionOption,
  type Services,
  spaceOption,
  unlabelledPerCall,
} from '@espalier/core';
import * as z from 'zod';
import type { Noise } from './noisy-copies.ts';
import { noisePresets } from './presets.ts';
import { smoothed } from './smoothed.ts';

const options = z.strictObject({
  preset: z
    .enum(['corrected', 'captum'])
    .default('corrected')
    .describe(
      'whose noise, where `sigma`, `unit` and `samples` say nothing: 0.15 of `image-range` in 50 copies; of `captum` 1 `normalised` in 5',
    ),
  sigma: z.number().positive().max(10).optional().describe("standard deviation of the noise; the preset's if absent"),
  unit: z
    .enum(['image-range', 'normalised'])
    .optional()
    .describe(
      "unit of `sigma`: largest less smallest value of the image, or one of the normalised input; the preset's if absent",
    ),
  samples: z.int().min(4).max(1000).optional().describe("noisy copies of each image; the preset's if absent"),
  imagesPerCall: imagesPerCallOption,
  space: spaceOption,
  reduction: reductionOption('sum-abs'),
});

type Options = InForce<z.output<typeof options>, typeof noisePresets>;

const shared = {
  kind: 'explainer',
  cacheVersion: '1',
  usesSeed: 'paired',
  options,
  presets: noisePresets,
  unlabelled: unlabelledPerCall,
  diagnostics: { error: 'standard error of the map over its noisy copies, as a fraction of its length' },
  asksExplainer: ['space', 'reduction'],
  passes({ samples }: Options, { images, explainer }: PlanKnowledge) {
    const count = imagesIn(images);
    if (explainer)
      return { forward: samples * (explainer.forward ?? 0), gradient: samples * (explainer.gradient ?? 0) };
    return count === undefined ? undefined : { gradient: count * samples };
  },
} as const;

const noiseDepartures = [
  'noise is added to pixels in [0, 1], which are not clipped afterwards; the range is that of each image over all channels',
  'values stay per channel; the reduction to one value per pixel is named beside them',
];

/**
 * SmoothGrad: the mean gradient of noisy copies of the image.
 * @example "maps": { "use": "smooth/smoothgrad", "with": { "samples": 50 }, "in": { "model": …, "images": { "$from": "data.eval" } } }
 */
export const smoothgrad = definePlugin({
  ...shared,
  name: 'smoothgrad',
  title: 'SmoothGrad',
  source: {
    title: 'Smilkov et al. (2017), SmoothGrad: removing noise by adding noise',
    url: 'https://arxiv.org/abs/1706.03825',
    departures: noiseDepartures,
  },
  create: (asked, services) => overGradient('mean', asked, services),
});

/**
 * SquareGrad: the mean of the squared gradients of noisy copies of the image.
 * @example "maps": { "use": "smooth/squaregrad", "in": { "model": …, "images": { "$from": "data.eval" } } }
 */
export const squaregrad = definePlugin({
  ...shared,
  name: 'squaregrad',
  title: 'SquareGrad',
  source: {
    title: 'Hooker et al. (2019), A Benchmark for Interpretability Methods in Deep Neural Networks',
    url: 'https://arxiv.org/abs/1806.10758',
    departures: noiseDepartures,
  },
  create: (asked, services) => overGradient('mean-square', asked, services),
});

/**
 * VarGrad: the variance of the gradients of noisy copies of the image.
 * @example "maps": { "use": "smooth/vargrad", "in": { "model": …, "images": { "$from": "data.eval" } } }
 */
export const vargrad = definePlugin({
  ...shared,
  name: 'vargrad',
  title: 'VarGrad',
  source: {
    title:
      'Adebayo et al. (2018), Local Explanation Methods for Deep Neural Networks Lack Sensitivity to Parameter Values',
    url: 'https://arxiv.org/abs/1810.03307',
    departures: [
      ...noiseDepartures,
      'the variance is the mean squared deviation (divided by the copies, as Captum does)',
    ],
  },
  create: (asked, services) => overGradient('variance', asked, services),
});

function overGradient(statistic: Noise['statistic'], asked: Options, services: Services): Explainer {
  const over = (other: Explainer) => smoothed(other, { ...asked, statistic }, services);
  return { ...over(gradientOf(asked)), over };
}

function gradientOf({ space, reduction }: Pick<Options, 'space' | 'reduction'>): Explainer {
  return {
    reduction,
    unit: space === 'pixel' ? 'logit-per-pixel' : 'logit-per-normalised',
    async explain(model, images, classIndex) {
      const gradient = await model.inputGradient(images, classIndex);
      return { values: gradientIn(space, gradient, model.input.std), diagnostics: {} };
    },
  };
}
