import { apartFindings, channelReductions, defineMetric, type InForce, type Presets } from '@espalier/core';
import * as z from 'zod';
import { measureLocalisation } from './measure-localisation.ts';
import { regionFindings } from './regions.ts';

/** The options of the plugin `localisation`. */
const options = z.strictObject({
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

const presets = {
  corrected: { negatives: 'drop', ties: 'on-average' },
  'quantus-0.5.3': { negatives: 'keep', ties: 'as-quantus' },
} as const satisfies Presets<z.output<typeof options>>;

export type LocalisationOptions = InForce<z.output<typeof options>, typeof presets>;

/**
 * Holds every map against the regions that its image is known to show.
 *
 * Returns three scores per image: `pointing-game`, `relevance-mass` and `relevance-rank`; where the data knows what only looks like
 * evidence also `distractor-mass`, the share of a map that lies there; with `area` also `region-area` and
 * `distractor-area`, the regions' shares of the image, which is what a uniform map scores. Images without a region have no score.
 * @example "scores": { "use": "metrics/localisation", "in": { "images": …, "attributions": … } }
 */
export const localisation = defineMetric({
  name: 'localisation',
  cacheVersion: '5',
  usesSeed: false,
  source: {
    title:
      'Arras et al. (2022), CLEVR-XAI: A Benchmark Dataset for the Ground Truth Evaluation of Neural Network Explanations',
    url: 'https://arxiv.org/abs/2003.07258',
    departures: [
      'corrected: negative values are set to 0, so the mass is that of what speaks for the class',
      'corrected: tied values count as they come out on average, so a uniform map scores the share of the region',
      'images without a region are left out and counted; Quantus scores them as not a number',
      'quantus-0.5.3: values keep their sign, so the mass of a map with negatives has no bounds',
    ],
  },
  options,
  presets,
  inputs: ['images', 'attributions'],
  check: ({ regions }, known) => [...apartFindings(known), ...regionFindings(regions, known)],
  create: (chosen, services) => ({ measure: (inputs) => measureLocalisation(inputs, chosen, services) }),
});
