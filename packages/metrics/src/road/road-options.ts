import { channelReductions } from '@espalier/core';
import * as z from 'zod';

/** The options of the plugin `road`. */
export const roadOptions = z.strictObject({
  preset: z
    .enum(['corrected', 'quantus-0.5.3'])
    .default('corrected')
    .describe('whose levels, noise and area over the curve'),
  percentages: z
    .array(z.number().min(0).lt(100))
    .min(2)
    .max(100) // one for each percent; every level imputes and predicts all images again
    .refine((levels) => levels.every((level, i) => i === 0 || level > levels[i - 1]!), 'percentages must rise')
    .optional()
    .describe("percent of the pixels removed at each level, rising, below 100; the preset's if absent"),
  order: z
    .enum(['morf', 'lerf'])
    .default('morf')
    .describe(
      'remove the most relevant pixels first, or the least relevant: scores are then called `road-lerf-…`, and lower is better',
    ),
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
    .max(10) // pixels are in [0, 1], or a few standard deviations around 0
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
    .max(1) // pixels are in [0, 1]
    .default(1e-4)
    .describe('largest error of an imputed value that the solver may leave, for pixels in [0, 1]'),
});

/** The options of ROAD, with every default filled in. */
export type RoadOptions = z.output<typeof roadOptions>;
