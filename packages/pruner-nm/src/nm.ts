import { definePlugin, excludeFindings, groupedMasks, groupOptions, groupSparsity } from '@espalier/core';

/**
 * Keeps of every group of neighbouring inputs those of largest magnitude: 2 of 4, 4 of 8, any.
 * @example "prune": { "use": "nm/prune", "with": { "kept": 2, "group": 4 }, "in": { "model": … } }
 */
export const nm = definePlugin({
  kind: 'pruner',
  name: 'prune',
  cacheVersion: '2',
  source: {
    title: 'Mishra et al. (2021), Accelerating Sparse Deep Neural Networks',
    url: 'https://arxiv.org/abs/2104.08378',
    departures: [
      'options name how many of a group are kept, where N:M is read either way',
      'of equal magnitudes in a group the last are kept',
      'kernels whose inputs the group does not divide are left as they are, where NVIDIA’s ASP fills up with zeros, or skips by sizes of its own',
      'permutations of channels are not searched; retraining is the study’s business',
    ],
  },
  options: groupOptions,
  check: ({ exclude }, known) => excludeFindings(exclude, known),
  level: groupSparsity,
  drawsNothing: () => true,
  create: (asked, { log }) => ({
    sparsity: groupSparsity(asked),
    sparsityIs: 'nominal',
    mask: (model) => groupedMasks(model, asked, (_, weights) => weights.map(Math.abs), log),
  }),
});
