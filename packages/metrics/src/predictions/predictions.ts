import { defineMetric } from '@espalier/core';
import { crossEntropy } from '@espalier/numerics';
import * as z from 'zod';
import { accuracyScores, isCorrect } from './accuracy.ts';
import { crossEntropyScores } from './cross-entropy.ts';
import { predictSplit } from './predict-split.ts';

/**
 * What `accuracy` and `cross-entropy` score, from one prediction of every image instead of two.
 * @example "scores": { "use": "metrics/predictions", "in": { "model": …, "images": … } }
 */
export const predictions = defineMetric({
  name: 'predictions',
  cacheVersion: '2',
  usesSeed: false,
  source: {
    title: 'Top-1 accuracy, and cross-entropy of the softmax',
    url: 'https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html',
    departures: ['sums in float64'],
  },
  options: z.strictObject({}),
  inputs: ['model', 'images'],
  create: (_, services) => ({
    async measure({ model, images }) {
      const all = await predictSplit(model, images, services, (logits, label) => ({
        correct: isCorrect(logits, label),
        loss: crossEntropy(logits, label),
      }));
      const [correct, losses] = [all.map((one) => one.correct), all.map((one) => one.loss)];
      return [accuracyScores(images, correct), crossEntropyScores(images, losses)];
    },
  }),
});
