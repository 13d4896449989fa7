import { channelReductions, type InForce, type Presets } from '@espalier/core';
import * as z from 'zod';

/** The options of the plugin `localisation`. */
export const options = z.strictObject({
  preset: z.enum(['corrected', 'quantus-0.5.3']).default('corrected').describe('whose definition'),
  regions: z
    .array(z.string())
    .min(1)
    .nullable()
    .default(null)
    .describe("names of the regions that count, taken together; null takes all of the image's regions"),
  negatives: z
    .enum(['drop', 'absolute', 'keep'])
    .optional()
    .describe(
      "negative values of a map: set to 0, counted by their size, or kept with their sign; the preset's if absent",
    ),
  ties: z
    .enum(['on-average', 'as-quantus'])
    .optional()
    .describe(
      'equal values of a map: as they come out on average, or as Quantus takes them (any largest value inside is a hit; of values ' +
        "that tie for the last place, those with higher indices count); the preset's if absent",
    ),
  area: z
    .boolean()
    .default(false)
    .describe("also score the region's share of the image, which a uniform map has on all three measures"),
  reduction: z
    .enum(channelReductions)
    .optional()
    .describe("how channels become one value per pixel; the attribution's own reduction if absent"),
});

export const presets = {
  corrected: { negatives: 'drop', ties: 'on-average' },
  'quantus-0.5.3': { negatives: 'keep', ties: 'as-quantus' },
} as const satisfies Presets<z.output<typeof options>>;

export type LocalisationOptions = InForce<z.output<typeof options>, typeof presets>;
