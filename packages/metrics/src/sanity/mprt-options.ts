import { mostImages } from '@espalier/core';
import * as z from 'zod';
import { similarities } from './comparison.ts';

export const mprtOrders = ['top-down', 'bottom-up', 'independent'] as const;

/** The options of the plugin `mprt`. */
export const mprtOptions = z
  .strictObject({
    preset: z.enum(['corrected', 'quantus-0.5.3']).default('corrected').describe('whose definition'),
    order: z
      .enum(mprtOrders)
      .default('top-down')
      .describe('randomise one layer more at a time, from the output or from the input, or each layer alone'),
    depth: z
      .int()
      .min(1)
      .max(32) // no name has more parts
      .nullable()
      .optional()
      .describe(
        "how many parts of a parameter's name make a layer: 1 takes stages (`layer1`), 2 blocks (`layer1.0`), null every module; the preset's if absent",
      ),
    weights: z
      .enum(['initial', 'permuted'])
      .optional()
      .describe(
        "drawn from the distribution that training starts from, or the layer's own in another order; the preset's if absent",
      ),
    similarities: z
      .array(z.enum(similarities))
      .min(1)
      .optional()
      .describe(
        "how maps are compared: ranks of absolute values, ranks of signed values, structural similarity; the preset's if absent",
      ),
    average: z
      .enum(['layers', 'last'])
      .default('layers')
      .describe(
        'an image scores the mean over the layers, or what is left when all are random, without the steps between, which is cheaper',
      ),
    imagesPerClass: z
      .int()
      .min(1)
      .max(mostImages)
      .nullable()
      .default(2)
      .describe('images of each class that are asked about, chosen by their ids; null takes all'),
    draws: z.int().min(1).max(1000).default(1).describe('random networks that every value is averaged over'),
    seed: z
      .int()
      .min(0)
      .optional()
      .describe('seed of the random weights, the same for all models; 0 if absent, 42 as in Quantus'),
  })
  .refine(({ order, average }) => order !== 'independent' || average !== 'last', {
    path: ['average'],
    error: 'layers that are random one at a time never all are: take the mean over the layers',
  });

export type MprtOptions = z.output<typeof mprtOptions>;
