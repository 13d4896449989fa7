import { channelReductions, definePlugin } from '@espalier/core';
import * as z from 'zod';
import { measureRoad } from './measure-road.ts';

export const roadOptions = z.strictObject({
  preset: z
    .enum(['corrected', 'quantus-0.5.3', 'paper-2025'])
    .default('corrected')
    .describe('whose levels, noise and area over the curve'),
  percentages: z
    .array(z.number().min(0).lt(100))
    .min(2)
    .refine((levels) => levels.every((level, i) => i === 0 || level > levels[i - 1]!), 'percentages must rise')
    .optional()
    .describe("percent of the pixels removed at each level, rising, below 100; the preset's if absent"),
  order: z
    .enum(['morf', 'lerf'])
    .default('morf')
    .describe('remove the most relevant pixels first, or the least relevant'),
  target: z
    .enum(['label', 'prediction'])
    .default('label')
    .describe('the class that counts as a hit: the true one, or the one predicted for the unmodified image'),
  reduction: z
    .enum(channelReductions)
    .optional()
    .describe("how channels become one value per pixel; the attribution's own reduction if absent"),
  noise: z
    .number()
    .min(0)
    .default(0.01)
    .describe("standard deviation of the noise on imputed pixels, in the preset's space"),
  noiseSeed: z
    .int()
    .min(0)
    .default(0)
    .describe('seed of the noise; the same for all models, so that they are compared on the same images'),
  tolerance: z
    .number()
    .min(1e-5)
    .default(1e-4)
    .describe('largest error of an imputed value that the solver may leave, for pixels in [0, 1]'),
});

export type RoadOptions = z.output<typeof roadOptions>;

/**
 * ROAD: removes pixels in the order of their attribution, imputes them from their neighbours with noise, and asks
 * the model again.
 *
 * Returns two scores per image: `road-aopc`, the area over the curve of hits (1 where the target class has the largest
 * logit), and `road-probability-aopc`, the same of the target's probability. The curves come with them. With the order
 * `lerf` they are called `road-lerf-aopc` and `road-lerf-probability-aopc`, and lower is better.
 */
export const road = definePlugin({
  kind: 'metric',
  name: 'road',
  cacheVersion: '1',
  source: {
    title: 'Rong et al. (2022), A Consistent and Efficient Evaluation Strategy for Attribution Methods',
    url: 'https://arxiv.org/abs/2202.00449',
    departures: [
      'the linear systems are solved by preconditioned conjugate gradients to a proved tolerance, not by a direct solver',
      'noise depends on the image, level, pixel and channel alone, so an image scores the same in any batch',
      'corrected: levels 0, 10, …, 90 %, and the area (Samek et al. 2016) is measured from the unmodified image',
      'lerf removes the least relevant pixels at each level; the released code of ROAD removes the rest of the image',
    ],
  },
  options: roadOptions,
  inputs: ['model', 'images', 'attributions'],
  create: (options, services) => ({ measure: (inputs) => measureRoad(inputs, options, services) }),
});
