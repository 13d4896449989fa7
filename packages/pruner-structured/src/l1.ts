import { definePlugin } from '@espalier/core';
import { channelPruner, declared } from './channel-pruner.ts';
import { channelOptions, normalise, parts } from './options.ts';
import { kernelsOf, magnitudes } from './scores.ts';

const options = channelOptions.extend({
  parts,
  normalise: normalise
    .default('group-mean')
    .describe('divide scores by the mean of their group, or compare sums of more and fewer weights as they are'),
});

/**
 * Removes the channels whose kernels have the least sum of magnitudes.
 * @example "prune": { "use": "structured/l1", "with": { "sparsity": 0.5 }, "in": { "model": … } }
 */
export const l1 = definePlugin({
  ...declared,
  name: 'l1',
  title: 'Channels by L1',
  cacheVersion: '2',
  source: {
    title: 'Li et al. (2017), Pruning Filters for Efficient ConvNets',
    url: 'https://arxiv.org/abs/1608.08710',
    departures: [
      'channels that residual sums, depthwise kernels and the like couple go together, by the mean of their scores',
      'sums are divided by the mean of their group and ranked over all groups, where the paper chooses counts layer by layer',
      'the level is a fraction of weights unless `counts` says channels; retraining is the study’s business',
    ],
  },
  options,
  needs: () => ({ abilities: ['channelGroups'] }),
  drawsNothing: () => true,
  create: (asked, services) => channelPruner(asked, services, { counts: kernelsOf(asked.parts), score: magnitudes }),
});
