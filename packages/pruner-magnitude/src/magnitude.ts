import { definePlugin, emptiedKernels, pruneOptions, removals } from '@espalier/core';
import * as z from 'zod';
import { magnitudeMasks } from './magnitude-masks.ts';

/** Removes the weights of smallest magnitude; counts as `torch.nn.utils.prune.global_unstructured` (L1) does. */
export const magnitude = definePlugin({
  kind: 'pruner',
  name: 'prune',
  cacheVersion: '2',
  source: {
    title: 'Han et al. (2015), Learning both Weights and Connections for Efficient Neural Networks',
    url: 'https://arxiv.org/abs/1506.02626',
    departures: [
      'counts are exact: round(sparsity x weights), halves to even, where a threshold would remove every tie',
      'one threshold for the whole model unless `scope` is `layerwise`',
      'retraining is the study’s business',
    ],
  },
  options: pruneOptions.extend({
    ties: z
      .enum(['lower-index', 'torch'])
      .default('lower-index')
      .describe(
        'which of equal magnitudes goes first: the lower index, or the one that PyTorch on a CPU happens to take',
      ),
  }),
  create: (options, { log }) => ({
    sparsity: options.sparsity,
    async mask(model) {
      const masks = magnitudeMasks(await removals(model, options), options.ties);
      for (const name of emptiedKernels(masks)) log(`${name} loses all its weights at sparsity ${options.sparsity}`);
      return masks;
    },
  }),
});
