import { defineMetric, type Measurement, type Split } from '@espalier/core';
import { crossEntropy as crossEntropyOf } from '@espalier/numerics';
import * as z from 'zod';
import { predictSplit } from './predict-split.ts';

/**
 * Cross-entropy of every image's prediction with its label, in nats.
 * @example "scores": { "use": "metrics/cross-entropy", "in": { "model": …, "images": … } }
 */
export const crossEntropy = defineMetric({
  name: 'cross-entropy',
  cacheVersion: '3',
  usesSeed: false,
  source: {
    title: 'Cross-entropy of the softmax',
    url: 'https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html',
    departures: ['sums in float64'],
  },
  options: z.strictObject({}),
  inputs: ['model', 'images'],
  create: (_, services) => ({
    async measure({ model, images }) {
      return [crossEntropyScores(images, await predictSplit(model, images, services, crossEntropyOf))];
    },
  }),
});

export function crossEntropyScores({ ids }: Split, values: readonly number[]): Measurement {
  return {
    metric: 'cross-entropy',
    words: { name: 'Cross-entropy', meaning: 'Negative log-probability of the label.', unit: 'nats' },
    aspect: 'accuracy',
    role: 'primary',
    direction: 'lower-is-better',
    range: [0, null],
    sample: 'image',
    ids,
    values,
    summary: 'mean',
  };
}
