import { definePlugin, inputOf } from '@espalier/core';
import * as z from 'zod';
import { argmax } from './classification.ts';
import { predictSplit } from './predict-split.ts';

/** 1 for every image whose largest logit is its label's, else 0. Equal logits count for the lower index. */
export const accuracy = definePlugin({
  kind: 'metric',
  name: 'accuracy',
  cacheVersion: '2',
  source: {
    title: 'Top-1 accuracy',
    url: 'https://scikit-learn.org/stable/modules/model_evaluation.html#accuracy-score',
    departures: [],
  },
  options: z.strictObject({}),
  inputs: ['model', 'images'],
  create: (_, services) => ({
    async measure(inputs) {
      const images = inputOf(inputs, 'images', 'accuracy');
      const model = inputOf(inputs, 'model', 'accuracy');
      const values = await predictSplit(model, images, services, (logits, i) =>
        Number(argmax(logits) === images.labels[i]),
      );
      return [
        {
          metric: 'accuracy',
          preset: 'corrected',
          aspect: 'accuracy',
          direction: 'higher-is-better',
          range: [0, 1],
          sample: 'image',
          ids: images.ids,
          values,
          summary: 'mean',
        },
      ];
    },
  }),
});
