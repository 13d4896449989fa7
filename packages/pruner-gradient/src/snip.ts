import { definePlugin, pruneOptions } from '@espalier/core';
import { declared, gradientPruner } from './gradient-pruner.ts';

/**
 * Removes the weights of smallest connection sensitivity |w dL/dw|, with one gradient of the loss over all images of the sample.
 * @example "prune": { "use": "gradient/snip", "with": { "sparsity": 0.9 }, "in": { "model": …, "data": { "$from": "data.train" } } }
 */
export const snip = definePlugin({
  ...declared,
  name: 'snip',
  title: 'SNIP',
  cacheVersion: '2',
  source: {
    title: 'Lee et al. (2019), SNIP: Single-shot Network Pruning based on Connection Sensitivity',
    url: 'https://arxiv.org/abs/1810.02340',
    departures: [
      'sensitivities are not divided by their sum, which changes no order',
      'counts are exact: round(sparsity x weights), halves to even, where a threshold would keep or remove every tie',
      'normalisation is evaluated with its running statistics, where the authors’ code takes those of the batch',
      'biases are never pruned; any model is taken, not only one before training, and training is the study’s business',
    ],
  },
  options: pruneOptions,
  create: (asked, services) => gradientPruner(asked, services, { title: 'SNIP' }),
});
