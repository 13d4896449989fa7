import { type InForce, mostImages, type Presets } from '@espalier/core';
import * as z from 'zod';
import { comparisonOptions } from './comparison.ts';

export const mprtOrders = ['top-down', 'bottom-up', 'independent'] as const;

/** What every test of random parameters asks. */
export const mprtShape = {
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
    .enum(['initial', 'permuted', 'torch-reset'])
    .optional()
    .describe(
      "drawn from the distribution that the architecture's training starts from, the layer's own in another order, or as PyTorch resets a layer after " +
        "the seed; the preset's if absent",
    ),
  masks: z
    .enum(['permuted', 'kept', 'none'])
    .optional()
    .describe(
      "masks of a layer that is random: as sparse at other places, where they were, or no masks; the preset's if absent",
    ),
  normalisation: z
    .enum(['joins', 'alone'])
    .optional()
    .describe(
      "whether a layer without a kernel, such as BatchNorm, joins the one before or stands alone; the preset's if absent",
    ),
  compared: comparisonOptions.compared,
  unchanged: z
    .enum(['left-out', 'counted'])
    .optional()
    .describe(
      "whether the unchanged model, which agrees by 1, counts in the mean over the layers; the preset's if absent",
    ),
  similarities: comparisonOptions.similarities,
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
  draws: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe("random networks that every value is the mean over, which is kept by network; the preset's if absent"),
  seed: z
    .int()
    .min(0)
    .optional()
    .describe("seed of the random weights, the same for all models; the preset's if absent"),
};

/** Whether the order has the step that scores are of, and what is said where it has not. */
export const hasItsLast = ({ order, average }: { readonly order: string; readonly average: string }) =>
  order !== 'independent' || average !== 'last';
export const noLast = {
  path: ['average'],
  error: 'layers that are random one at a time never all are: take the mean over the layers',
};

/** The options of the plugin `mprt`. */
export const mprtOptions = z.strictObject(mprtShape).refine(hasItsLast, noLast);

/** Quantus 0.5.3 takes every module for a layer, knows no masks, lays maps out as rows, and counts the unchanged model. */
export const mprtPresets = {
  corrected: {
    ...{ depth: 1, similarities: ['rank', 'signed-rank'], seed: 0, weights: 'initial', draws: 10 },
    ...{ normalisation: 'joins', masks: 'permuted', compared: 'maps', unchanged: 'left-out' },
  },
  'quantus-0.5.3': {
    ...{ depth: null, similarities: ['rank'], seed: 42, weights: 'torch-reset', draws: 1 },
    ...{ normalisation: 'alone', masks: 'none', compared: 'rows', unchanged: 'counted' },
  },
} satisfies Presets<z.output<typeof mprtOptions>>;

/** What was asked for, with the preset's choices where nothing was said. */
export type MprtOptions = InForce<z.output<typeof mprtOptions>, typeof mprtPresets>;
