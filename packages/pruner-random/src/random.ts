import {
  definePlugin,
  emptiedKernels,
  levelled,
  type Masks,
  pruneOptions,
  type Removal,
  randomStream,
  removals,
  StudyError,
} from '@espalier/core';
import { selectSmallest } from '@espalier/numerics';
import * as z from 'zod';
import { selectAtRandom } from './select-at-random.ts';

const options = pruneOptions.extend({
  match: z
    .enum(['global', 'per-layer'])
    .default('global')
    .describe(
      'remove as many as magnitude pruning of the same model: in total over `scope`, or also in each kernel. Per layer, a model at the ' +
        'input `like` says how many each kernel has left instead: the treatment of the same level, since this model was trained without its masks',
    ),
});

/**
 * Removes weights at random, whatever they are worth: what any better choice must beat.
 * @example "prune": { "use": "random/prune", "with": { "sparsity": 0.9, "match": "per-layer" }, "in": { "model": … } }
 */
export const random = definePlugin({
  ...levelled,
  kind: 'pruner',
  name: 'prune',
  cacheVersion: '2',
  source: {
    title: 'Blalock et al. (2020), What is the State of Neural Network Pruning?',
    url: 'https://arxiv.org/abs/2003.03033',
    departures: [
      'counts are exact: round(sparsity x weights), halves to even, where a coin for each weight would spread around it',
      'retraining is the study’s business',
    ],
  },
  options,
  create: (asked, { log, seed }) => ({
    sparsity: asked.sparsity,
    async mask(model, { like }) {
      const stream = randomStream(seed, 'random-pruning');
      const whole = await removals(model, asked);
      const each = like ? whole.flatMap((removal) => eachAsIn(like, removal)) : whole.flatMap(eachAsMagnitude);
      const masks = new Map(
        (asked.match === 'global' ? whole : each).flatMap(({ kernels, count }) => {
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

/** The removal kernel by kernel: each keeps as many as it has in `like`. */
function eachAsIn(like: Masks, { kernels, count }: Removal): readonly Removal[] {
  const counts = kernels.map(({ name, kept }) => {
    const other = like.get(name);
    if (other?.length === kept.length) return ones(kept) - ones(other);
    throw unlike(`has no mask of "${name}" with ${kept.length} weights`, 'one that was pruned over the same kernels');
  });
  const fuller = kernels.find((_, k) => counts[k]! < 0);
  if (fuller) throw unlike(`has more of "${fuller.name}" left than this model`, 'the treatment of the same level');
  const total = counts.reduce((sum, own) => sum + own, 0);
  if (total === count) return kernels.map((kernel, k) => ({ kernels: [kernel], count: counts[k]! }));
  throw unlike(
    `asks for ${total} weights to go, and this level for ${count}`,
    'the treatment of the same level and `scope`',
  );
}

function unlike(what: string, wanted: string): StudyError {
  return new StudyError(
    'core/inputs-mismatch',
    `Random pruning with \`match\` "per-layer" keeps what the model at its input "like" keeps of every kernel; that model ${what}. Connect ${wanted}.`,
  );
}

function ones(mask: Uint8Array): number {
  return mask.reduce((sum, keep) => sum + keep, 0);
}
