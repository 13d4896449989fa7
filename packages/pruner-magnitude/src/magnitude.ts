import { definePlugin, type Masks } from '@espalier/core';
import * as z from 'zod';
import { magnitudeMasks } from './magnitude-masks.ts';
import { prunableKernels } from './prunable.ts';

/** Removes the weights of smallest magnitude; counts as `torch.nn.utils.prune.global_unstructured` (L1) does. */
export const magnitude = definePlugin({
  kind: 'pruner',
  name: 'prune',
  cacheVersion: '1',
  source: {
    title: 'Han et al. (2015), Learning both Weights and Connections for Efficient Neural Networks',
    url: 'https://arxiv.org/abs/1506.02626',
    departures: [
      'counts are exact: round(sparsity x weights), halves to even, where a threshold would remove every tie',
      'one threshold for the whole model unless `scope` is `layerwise`',
      'retraining is the study’s business',
    ],
  },
  options: z.strictObject({
    sparsity: z.number().min(0).lt(1).describe('fraction of the prunable weights removed in total, in [0, 1)'),
    scope: z
      .enum(['global', 'layerwise'])
      .default('global')
      .describe('count over all kernels together, or over each kernel by itself'),
    exclude: z
      .array(z.string().min(1))
      .readonly()
      .default([])
      .describe('kernels left alone and not counted: names, or prefixes that end in ".*"'),
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
      const masks = await magnitudeMasks(model, prunableKernels(model, options.exclude), options);
      for (const name of emptied(masks)) log(`${name} loses all its weights at sparsity ${options.sparsity}`);
      return masks;
    },
  }),
});

function emptied(masks: Masks): readonly string[] {
  return [...masks].filter(([, mask]) => !mask.includes(1)).map(([name]) => name);
}
