import { defineMetric, readingOption } from '@espalier/core';
import * as z from 'zod';
import { scoreMaps } from './score-maps.ts';

/**
 * Effective complexity of every attribution map: the share of its pixels that are not negligible beside the largest.
 * @example "scores": { "use": "complexity/effective-complexity", "in": { "attributions": … } }
 */
export const effectiveComplexity = defineMetric({
  name: 'effective-complexity',
  title: 'Effective complexity',
  cacheVersion: '1',
  usesSeed: false,
  source: {
    title: 'Nguyen and Martinez (2020), On quantitative aspects of model interpretability',
    url: 'https://arxiv.org/abs/2007.07584',
    departures: [
      'counted as Quantus counts it, by a threshold; the paper asks how many features the prediction is known by',
      'a share of the pixels, where Quantus returns their number; the threshold is of the largest value of the image, where Quantus takes that of the batch',
    ],
  },
  options: z.strictObject({
    threshold: z.number().min(0).lt(1).default(1e-5).describe('pixels above it count, of the largest value of the map'),
    reduction: readingOption,
  }),
  inputs: ['attributions'],
  create: ({ threshold, reduction }) => ({
    async measure({ attributions }) {
      const share = (map: Float32Array) => {
        const most = map.reduce((largest, value) => Math.max(largest, value), 0);
        return map.filter((value) => value / most > threshold).length / map.length;
      };
      return [scoreMaps(attributions, reduction, () => said, share)];
    },
  }),
});

const said = {
  metric: 'effective-complexity',
  words: {
    name: 'Effective complexity',
    meaning: 'Share of the pixels of a map whose value is not negligible beside the largest.',
    unit: '%',
  },
  range: [0, 1],
} as const;
