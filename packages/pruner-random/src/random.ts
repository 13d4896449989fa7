import {
  definePlugin,
  emptiedKernels,
  levelFindings,
  pruneOptions,
  type Removal,
  randomStream,
  removals,
} from '@espalier/core';
import { selectSmallest } from '@espalier/numerics';
import * as z from 'zod';
import { selectAtRandom } from './select-at-random.ts';

const options = pruneOptions.extend({
  match: z
    .enum(['global', 'per-layer'])
    .default('global')
    .describe('remove as many as magnitude pruning of the same model: in total over `scope`, or also in each kernel'),
});

/**
 * Removes weights at random, whatever they are worth: what any better choice must beat.
 * @example "prune": { "use": "random/prune", "with": { "sparsity": 0.9, "match": "per-layer" }, "in": { "model": … } }
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
  options,
  unlabelled: { sparsity: 'the level stands beside it' },
  check: levelFindings,
  level: ({ sparsity }) => sparsity,
  create: (asked, { log, seed }) => ({
    sparsity: asked.sparsity,
    async mask(model) {
      const stream = randomStream(seed, 'random-pruning');
      const whole = await removals(model, asked);
      const masks = new Map(
        (asked.match === 'global' ? whole : whole.flatMap(eachAsMagnitude)).flatMap(({ kernels, count }) => {
          const kept = kernels.map((kernel) => kernel.kept);
          const selected = selectAtRandom(kept, count, stream);
          return kernels.map(({ name }, i) => [name, selected[i]!] as const);
        }),
      );
      for (const name of emptiedKernels(masks)) log(`${name} loses all its weights at sparsity ${asked.sparsity}`);
      return masks;
    },
  }),
});

/** The removal kernel by kernel: from each as many as go where the smallest of all of them go. */
function eachAsMagnitude({ kernels, count }: Removal): readonly Removal[] {
  const kept = kernels.map((kernel) => kernel.kept);
  const left = selectSmallest(
    kernels.map((kernel) => kernel.values),
    kept,
    count,
  );
  return kernels.map((kernel, k) => ({ kernels: [kernel], count: ones(kept[k]!) - ones(left[k]!) }));
}

function ones(mask: Uint8Array): number {
  return mask.reduce((sum, keep) => sum + keep, 0);
}
