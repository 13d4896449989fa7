import { type InForce, readingOption } from '@espalier/core';
import * as z from 'zod';
import type { roadPresets } from './road-presets.ts';

/** The options of the plugin `road`. */
export const roadOptions = z.strictObject({
  preset: z
    .enum(['corrected', 'quantus-0.5.3'])
    .default('corrected')
    .describe('whose levels, noise, area over the curve and orders'),
  percentages: z
    .array(z.number().min(0).lt(100))
    .min(2)
    .max(100) // one for each percent; every level imputes and predicts all images again
    .refine((levels) => levels.every((level, i) => i === 0 || level > levels[i - 1]!), 'percentages must rise')
    .optional()
    .describe("percent of the pixels removed at each level, rising, below 100; the preset's if absent"),
  noiseSpace: z
    .enum(['pixel', 'normalised'])
    .optional()
    .describe(
      "where the noise has its deviation: pixels in [0, 1], or normalised as the model sees them; the preset's if absent",
    ),
  origin: z
    .enum(['unmodified', 'first-level'])
    .optional()
    .describe(
      "what the area is measured from: the unmodified image, or the first removed level; the preset's if absent",
    ),
  orders: z
    .enum(['morf', 'both', 'all'])
    .optional()
    .describe(
      "orders that pixels are removed in: the most relevant first, also the least relevant first, also random ones; the preset's if absent",
    ),
  randomOrders: z
    .int()
    .min(1)
    .max(100) // each imputes and predicts all images again, at every level
    .default(2)
    .describe('random orders that are averaged, each image its own'),
  target: z
    .enum(['label', 'prediction'])
    .default('label')
    .describe('the class that counts as a hit: the true one, or the one predicted for the unmodified image'),
  reduction: readingOption,
  noise: z
    .number()
    .min(0)
    .max(10) // pixels are in [0, 1], or a few standard deviations around 0
    .default(0.01)
    .describe('standard deviation of the noise on imputed pixels, in `noiseSpace`'),
  noiseSeed: z
    .int()
    .min(0)
    .default(0)
    .describe(
      'seed of the noise and of random orders; the same for all models, so that they are compared on the same images',
    ),
  tolerance: z
    .number()
    .min(1e-5)
    .max(1) // pixels are in [0, 1]
    .default(1e-4)
    .describe('largest error of an imputed value that the solver may leave, for pixels in [0, 1]'),
});

/** What was asked for, with the preset's choices where nothing was said. */
export type RoadOptions = InForce<z.output<typeof roadOptions>, typeof roadPresets>;

/** Why the levels do not start where the area is measured from; undefined where they do. */
export function startProblem({ origin, percentages }: Pick<RoadOptions, 'origin' | 'percentages'>): string | undefined {
  if (origin !== 'unmodified' || percentages[0] === 0) return undefined;
  return (
    'ROAD measures from the unmodified image, so its percentages start with 0; ' +
    `found ${percentages.join(', ')}. Add 0, or set "origin" to "first-level".`
  );
}
