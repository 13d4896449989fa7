import { definePlugin, emptiedKernels, levelled, pruneOptions, removals } from '@espalier/core';
import { selectSmallest } from '@espalier/numerics';

/**
 * Removes the weights of smallest magnitude; counts as `torch.nn.utils.prune.global_unstructured` (L1) does.
 * @example "prune": { "use": "magnitude/prune", "with": { "sparsity": 0.9 }, "in": { "model": … } }
 */
export const magnitude = definePlugin({
  ...levelled,
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
  options: pruneOptions,
  drawsNothing: () => true,
  create: (asked, { log }) => ({
    sparsity: asked.sparsity,
    async mask(model) {
      const masks = new Map(
        (await removals(model, asked)).flatMap(({ kernels, count }) => {
          const [values, kept] = [kernels.map((kernel) => kernel.values), kernels.map((kernel) => kernel.kept)];
          const selected = selectSmallest(values, kept, count);
          return kernels.map(({ name }, i) => [name, selected[i]!] as const);
        }),
      );
      for (const name of emptiedKernels(masks)) log(`${name} loses all its weights at sparsity ${asked.sparsity}`);
      return masks;
    },
  }),
});
