import { definePlugin, emptiedKernels } from '@espalier/core';
import * as z from 'zod';
import { roundMasks } from './round-masks.ts';

/**
 * One round of pruning as the released code of the paper does it: the percentile of each parameter by itself.
 *
 * A study adds the rest of the protocol as options of the node: masks that are not enforced, rewinding, rounds.
 * @example "prune": { "use": "paper/prune", "with": { "sparsity": 0.3, "amount": 0.2 }, "in": { "model": … } }
 */
export const prune = definePlugin({
  kind: 'pruner',
  name: 'prune',
  cacheVersion: '1',
  source: {
    title: 'Do Sparse Subnetworks Exhibit Cognitively Aligned Attention? (arXiv 2509.21387), released code',
    url: 'https://arxiv.org/abs/2509.21387',
    departures: [
      'the text calls the pruning global; the released code takes a percentile of each parameter, and so does this',
      'the percentile is taken in float64, and rounded to float32',
      'in rounds with `select`, a round goes on from the weights that selection kept, the released code from those of its last epoch',
      'training is the study’s: studies/paper-protocol.json takes Ranger at its defaults, gradients centred; which Ranger the released code imports is not known',
    ],
  },
  presets: { 'paper-2025': { amount: 0.2, scales: true } },
  unlabelled: { sparsity: 'the level stands beside it' },
  options: z.strictObject({
    sparsity: z
      .number()
      .min(0)
      .lt(1)
      .describe('what the level is called, a fraction in [0, 1); no fraction that the rule keeps to'),
    amount: z
      .number()
      .gt(0)
      .lt(1)
      .optional()
      .describe('fraction of the nonzero weights of each parameter that a round asks for, in (0, 1); 0.2 if absent'),
    scales: z
      .boolean()
      .optional()
      .describe('whether scales of normalisation, which have "weight" in their names, are pruned too; true if absent'),
  }),
  level: ({ sparsity }) => sparsity,
  drawsNothing: () => true,
  create: ({ sparsity, amount, scales }, { log }) => ({
    sparsity,
    sparsityIs: 'nominal',
    async mask(model, { unenforced }) {
      const masks = await roundMasks(model, unenforced, { amount, scales });
      for (const name of emptiedKernels(masks)) log(`${name} loses all its weights at sparsity ${sparsity}`);
      return masks;
    },
  }),
});
