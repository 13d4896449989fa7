import { definePlugin, emptiedKernels, levelFindings, pruneOptions, randomStream, removals } from '@espalier/core';
import { selectAtRandom } from './select-at-random.ts';

/**
 * Removes weights at random, whatever they are worth: what any better choice must beat.
 * @example "prune": { "use": "random/prune", "with": { "sparsity": 0.9 }, "in": { "model": … } }
 */
export const random = definePlugin({
  kind: 'pruner',
  name: 'prune',
  cacheVersion: '1',
  source: {
    title: 'Blalock et al. (2020), What is the State of Neural Network Pruning?',
    url: 'https://arxiv.org/abs/2003.03033',
    departures: [
      'counts are exact: round(sparsity x weights), halves to even, where a coin for each weight would spread around it',
      'retraining is the study’s business',
    ],
  },
  options: pruneOptions,
  unlabelled: { sparsity: 'the level stands beside it' },
  check: levelFindings,
  level: ({ sparsity }) => sparsity,
  create: (options, { log, seed }) => ({
    sparsity: options.sparsity,
    async mask(model) {
      const stream = randomStream(seed, 'random-pruning');
      const masks = new Map(
        (await removals(model, options)).flatMap(({ kernels, count }) => {
          const kept = kernels.map((kernel) => kernel.kept);
          const selected = selectAtRandom(kept, count, stream);
          return kernels.map(({ name }, i) => [name, selected[i]!] as const);
        }),
      );
      for (const name of emptiedKernels(masks)) log(`${name} loses all its weights at sparsity ${options.sparsity}`);
      return masks;
    },
  }),
});
