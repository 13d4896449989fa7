import { definePlugin, excludeFindings, groupedMasks, groupOptions, groupSparsity } from '@espalier/core';
import { declared, wandaScores } from './scores.ts';

/**
 * Keeps of every group of neighbouring inputs those of largest |w| x, Wanda's score: 2 of 4, 4 of 8, any.
 * @example "prune": { "use": "wanda/nm", "with": { "kept": 2, "group": 4 }, "in": { "model": …, "data": { "$from": "data.train" } } }
 */
export const nm = definePlugin({
  ...declared,
  name: 'nm',
  title: 'Wanda',
  cacheVersion: '2',
  source: {
    title: 'Sun et al. (2024), A Simple and Effective Pruning Approach for Large Language Models',
    url: 'https://arxiv.org/abs/2306.11695',
    departures: [
      'convolutions, too: groups are of neighbouring input channels at one place of the kernel',
      'of equal scores in a group the last are kept, where the authors’ code leaves that to `topk`',
      'kernels whose inputs the group does not divide are left as they are',
      'all kernels see the inputs of the model as it was, where the authors’ code prunes block after block',
    ],
  },
  options: groupOptions,
  check: ({ exclude }, known) => excludeFindings(exclude, known),
  level: groupSparsity,
  create: (asked, { log }) => ({
    sparsity: groupSparsity(asked),
    sparsityIs: 'nominal',
    mask: async (model, context) => groupedMasks(model, asked, await wandaScores(model, context), log),
  }),
});
