import { definePlugin } from '@espalier/core';
import { channelFindings, channelPruner, declared } from './channel-pruner.ts';
import { channelOptions, normalise } from './options.ts';
import { magnitudes } from './scores.ts';

const options = channelOptions.extend({
  normalise: normalise
    .default('none')
    .describe('compare scales as they are, or divide them by the mean of their group'),
});

/**
 * Removes the channels of least BatchNorm scale |gamma|: Network Slimming. Channels without a scale stay.
 * @example "prune": { "use": "structured/batch-norm", "with": { "sparsity": 0.5, "counts": "channels" }, "in": { "model": … } }
 */
export const batchNorm = definePlugin({
  ...declared,
  name: 'batch-norm',
  title: 'Channels by BatchNorm scale',
  cacheVersion: '2',
  source: {
    title: 'Liu et al. (2017), Learning Efficient Convolutional Networks through Network Slimming',
    url: 'https://arxiv.org/abs/1708.06519',
    departures: [
      'no L1 penalty on scales in training: the network is taken as it is',
      'channels that residual sums couple go together, by the mean of their scales, where the paper puts selection layers before them',
      'the level is a fraction of weights unless `counts` says channels',
    ],
  },
  options,
  check: (asked, known) => channelFindings(asked, known, 'scale'),
  needs: () => ({ abilities: ['channelGroups'] }),
  drawsNothing: () => true,
  create: (asked, services) =>
    channelPruner(asked, services, { counts: (_, role) => role === 'scale', score: magnitudes }),
});
