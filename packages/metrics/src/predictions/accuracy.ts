import { defineMetric, type Measurement, type Split } from '@espalier/core';
import { argmax } from '@espalier/numerics';
import * as z from 'zod';
import { predictSplit } from './predict-split.ts';

/**
 * 1 for every image whose largest logit is its label's, else 0. Equal logits count for the lower index.
 * @example "scores": { "use": "metrics/accuracy", "in": { "model": …, "images": … } }
 */
export const accuracy = defineMetric({
  name: 'accuracy',
  cacheVersion: '3',
  usesSeed: false,
  source: {
    title: 'Top-1 accuracy',
    url: 'https://scikit-learn.org/stable/modules/model_evaluation.html#accuracy-score',
    departures: [],
  },
  options: z.strictObject({}),
  inputs: ['model', 'images'],
  create: (_, services) => ({
    async measure({ model, images }) {
      return [accuracyScores(images, await predictSplit(model, images, services, isCorrect))];
    },
  }),
});

/** 1 where the largest logit is the label's, else 0. */
export function isCorrect(logits: Float32Array, label: number): number {
  return Number(argmax(logits) === label);
}

export function accuracyScores({ ids }: Split, values: readonly number[]): Measurement {
  return {
    metric: 'accuracy',
    words: { name: 'Accuracy', meaning: 'Share of images whose largest logit is their label.', unit: '%' },
    aspect: 'accuracy',
    role: 'primary',
    isCorrectness: true,
    direction: 'higher-is-better',
    range: [0, 1],
    sample: 'image',
    ids,
    values,
    summary: 'mean',
  };
}
