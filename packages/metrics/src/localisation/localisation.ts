import { apartFindings, defineMetric } from '@espalier/core';
import { options, presets } from './localisation-options.ts';
import { measureLocalisation } from './measure-localisation.ts';
import { regionFindings } from './regions.ts';

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
