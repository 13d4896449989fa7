import {
  definePlugin,
  emptiedKernels,
  levelFindings,
  type Masks,
  type Model,
  pruneOptions,
  removals,
} from '@espalier/core';
import * as z from 'zod';
import { magnitudeMasks } from './magnitude-masks.ts';
import { paperMasks } from './paper-masks.ts';

const standardAmount = 0.2;

const options = pruneOptions
  .extend({
    preset: z
      .enum(['corrected', 'paper-2025'])
      .default('corrected')
      .describe(
        'whose rule: exact counts, or the percentile of each parameter as in the code of arXiv 2509.21387, for which ' +
          '`sparsity` is only what the level is called',
      ),
    amount: z
      .number()
      .gt(0)
      .lt(1)
      .optional()
      .describe('paper-2025: fraction of the nonzero weights of each parameter that a round asks for; 0.2 if absent'),
    scales: z
      .boolean()
      .optional()
      .describe(
        'paper-2025: whether scales of normalisation, which have "weight" in their names, are pruned too; true if absent',
      ),
    ties: z
      .enum(['lower-index', 'torch'])
      .default('lower-index')
      .describe(
        'which of equal magnitudes goes first: the lower index, or the one that PyTorch on a CPU happens to take',
      ),
  })
  .refine(({ preset, amount }) => preset === 'paper-2025' || amount === undefined, {
    path: ['amount'],
    error: 'only the preset "paper-2025" removes a fraction per round; "corrected" removes `sparsity` in total',
  })
  .refine(({ preset, scales }) => preset === 'paper-2025' || scales === undefined, {
    path: ['scales'],
    error: 'only the preset "paper-2025" prunes scales; "corrected" prunes kernels',
  })
  .refine((asked) => asked.preset !== 'paper-2025' || leavesItsRule(asked), {
    path: ['preset'],
    error:
      '"paper-2025" prunes every parameter by itself, without exclusions and keeping ties; leave `scope`, `exclude` and `ties` out',
  });

function leavesItsRule({ scope, exclude, ties }: { scope: string; exclude: readonly string[]; ties: string }): boolean {
  return scope === 'global' && exclude.length === 0 && ties === 'lower-index';
}

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
      'paper-2025: the rule of the released code of arXiv 2509.21387, which its text calls global; the percentile is taken in float64',
      'paper-2025 in rounds with `select`: a round goes on from the weights that selection kept, the released code from those of its last epoch',
      'paper-2025 trains as its study says: studies/paper-protocol.json with Ranger at its defaults, gradients centred; which Ranger the released code imports is not known',
    ],
  },
  options,
  // What the paper calls a level is no fraction that its rule keeps to.
  check: (asked, known) => (asked.preset === 'paper-2025' ? [] : levelFindings(asked, known)),
  level: ({ sparsity }) => sparsity,
  drawsNothing: () => true,
  create: (asked, { log }) => ({
    sparsity: asked.sparsity,
    sparsityIs: asked.preset === 'paper-2025' ? 'label' : 'target',
    preset: asked.scales === false ? `${asked.preset} (scales=false)` : asked.preset,
    async mask(model, { released }) {
      const masks =
        asked.preset === 'paper-2025'
          ? await paperMasks(model, released, { amount: asked.amount ?? standardAmount, scales: asked.scales ?? true })
          : await exactMasks(model, asked);
      for (const name of emptiedKernels(masks)) log(`${name} loses all its weights at sparsity ${asked.sparsity}`);
      return masks;
    },
  }),
});

async function exactMasks(model: Model, asked: z.output<typeof options>): Promise<Masks> {
  return magnitudeMasks(await removals(model, asked), asked.ties);
}
