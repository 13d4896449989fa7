import { defineMetric, readingOption } from '@espalier/core';
import * as z from 'zod';
import { scoreMaps } from './score-maps.ts';

/**
 * Entropy of the absolute attribution map of every image, taken for a distribution over its pixels: 0 where one pixel holds all.
 * @example "scores": { "use": "complexity/entropy", "in": { "attributions": … } }
 */
export const entropy = defineMetric({
  name: 'entropy',
  title: 'Complexity (entropy)',
  cacheVersion: '1',
  usesSeed: false,
  source: {
    title: 'Bhatt et al. (2020), Evaluating and Aggregating Feature-based Model Explanations',
    url: 'https://arxiv.org/abs/2005.00631',
    departures: [
      'as Quantus 0.5.3; since 0.6.0 Quantus adds 1e-12 within the logarithm',
      'a map that is zero everywhere is no distribution, and its image has no value',
    ],
  },
  options: z.strictObject({ reduction: readingOption }),
  inputs: ['attributions'],
  create: ({ reduction }) => ({
    measure: async ({ attributions }) => [scoreMaps(attributions, reduction, wordsFor, entropyOf)],
  }),
});

function wordsFor(pixels: number) {
  return {
    metric: 'entropy',
    words: {
      name: 'Complexity (entropy)',
      meaning: 'Entropy of a map over its pixels: 0 where one pixel holds all of it, largest where all hold the same.',
      unit: 'nats',
    },
    range: [0, pixels === 1 ? null : Math.log(pixels)] as const,
  };
}

/** -sum p log p, p the values over their sum. */
function entropyOf(map: Float32Array): number {
  const sum = map.reduce((total, value) => total + value, 0);
  return map.reduce((total, value) => total - (value === 0 ? 0 : (value / sum) * Math.log(value / sum)), 0);
}
