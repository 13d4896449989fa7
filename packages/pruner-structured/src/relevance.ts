import { compositeOptions, definePlugin, type ModelNeeds, relevanceRules, trainingSample } from '@espalier/core';
import * as z from 'zod';
import { channelPruner, declared } from './channel-pruner.ts';
import { meanSums } from './mean-sums.ts';
import { channelOptions, normalise } from './options.ts';
import { kernelsOf } from './scores.ts';

const options = channelOptions.extend({
  ...compositeOptions,
  normalise: normalise.default('none').describe('compare relevance as it is, or divide it by the mean of its group'),
  batchSize: z
    .int()
    .min(1)
    .max(128)
    .default(1)
    .describe(
      'images of the sample whose relevance is added up before its sign is dropped; 1 counts each image by itself',
    ),
});

/**
 * Removes the channels whose kernels the least relevance passes through: the mean over images of its size, where 1 sets out at the logit of
 * the label.
 * @example "prune": { "use": "structured/relevance", "with": { "sparsity": 0.5 }, "in": { "model": …, "data": { "$from": "data.train" } } }
 */
export const relevance = definePlugin({
  ...declared,
  name: 'relevance',
  title: 'Channels by relevance',
  cacheVersion: '2',
  source: {
    title:
      'Hatefi et al. (2024), Pruning By Explaining Revisited: Optimizing Attribution Methods to Prune CNNs and Transformers',
    url: 'https://arxiv.org/abs/2408.12568',
    departures: [
      'a channel’s relevance is what the weights of its kernels have a share in; what biases absorb and epsilons withhold is not, where the authors’ code takes all that arrives at the channel',
      'channels that residual sums couple go together, by the mean of their relevance',
      'composites have the numbers that the options say, where the source searches for the best ones',
      'the level is a fraction of weights unless `counts` says channels',
    ],
  },
  options,
  needsData: true,
  needs: (asked): ModelNeeds => ({ abilities: ['channelGroups', 'kernelRelevance'], rules: relevanceRules(asked) }),
  create: (asked, services) =>
    channelPruner(asked, services, {
      counts: kernelsOf('outputs'),
      async score(model, context, scored) {
        const rules = { ...relevanceRules(asked), start: 'one' } as const;
        return meanSums(
          await trainingSample(context, 'LRP ranks channels by relevance on labelled training images'),
          scored,
          {
            of: (images, labels) => model.kernelRelevance(images, labels, rules),
            counted: Math.abs,
            batchSize: asked.batchSize,
          },
        );
      },
    }),
});
