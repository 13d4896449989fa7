import { definePlugin, pruneOptions } from '@espalier/core';
import * as z from 'zod';
import { declared, gradientPruner } from './gradient-pruner.ts';

const options = pruneOptions.extend({
  batchSize: z
    .int()
    .min(1)
    .max(128)
    .default(16)
    .describe('images of the sample that share one gradient; importance is the mean over these batches'),
});

/**
 * Removes the weights of smallest importance (w dL/dw)^2, the squared first-order change of the loss without the weight, averaged over
 * batches of the sample.
 * @example "prune": { "use": "gradient/taylor", "with": { "sparsity": 0.9 }, "in": { "model": …, "data": { "$from": "data.train" } } }
 */
export const taylor = definePlugin({
  ...declared,
  name: 'taylor',
  title: 'Taylor',
  cacheVersion: '2',
  source: {
    title: 'Molchanov et al. (2019), Importance Estimation for Neural Network Pruning',
    url: 'https://arxiv.org/abs/1906.10771',
    departures: [
      'importance of single weights, where the paper sums w dL/dw over a filter before it squares',
      'gradients of one model on a sample of images, where the paper averages while it trains; rounds are the study’s business',
      'normalisation is evaluated with its running statistics',
      'counts are exact: round(sparsity x weights), halves to even',
    ],
  },
  options,
  create: (asked, services) => gradientPruner(asked, services, { title: 'Taylor', batchSize: asked.batchSize }),
});
