import { definePlugin, emptiedKernels, levelFindings, pruneOptions } from '@espalier/core';
import * as z from 'zod';
import { leastSalient } from './saliency.ts';

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
  kind: 'pruner',
  name: 'taylor',
  title: 'Taylor',
  cacheVersion: '1',
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
  unlabelled: { sparsity: 'the level stands beside it' },
  needs: () => ({ abilities: ['parameterGradient'] }),
  needsData: true,
  check: levelFindings,
  level: ({ sparsity }) => sparsity,
  create: (asked, { log }) => ({
    sparsity: asked.sparsity,
    async mask(model, context) {
      const masks = await leastSalient(model, context, asked, { title: 'Taylor', batchSize: asked.batchSize });
      for (const name of emptiedKernels(masks)) log(`${name} loses all its weights at sparsity ${asked.sparsity}`);
      return masks;
    },
  }),
});
