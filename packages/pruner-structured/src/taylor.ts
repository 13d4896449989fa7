import { type ChannelPart, definePlugin, type Model, type PruneContext, trainingSample } from '@espalier/core';
import * as z from 'zod';
import { channelPruner, declared } from './channel-pruner.ts';
import { meanSums } from './mean-sums.ts';
import { channelOptions, normalise, parts } from './options.ts';
import { kernelsOf } from './scores.ts';

const options = channelOptions.extend({
  parts,
  normalise: normalise
    .default('none')
    .describe('compare changes of the loss as they are, or divide them by the mean of their group'),
  batchSize: z
    .int()
    .min(1)
    .max(128)
    .default(16)
    .describe('images of the sample that share one gradient; importance is the mean over these batches'),
});

/**
 * Removes the channels of least importance (sum of w dL/dw over a kernel)^2, the squared first-order change of the loss without them, averaged
 * over batches of the sample.
 * @example "prune": { "use": "structured/taylor", "with": { "sparsity": 0.5 }, "in": { "model": …, "data": { "$from": "data.train" } } }
 */
export const taylor = definePlugin({
  ...declared,
  name: 'taylor',
  title: 'Channels by Taylor',
  cacheVersion: '2',
  source: {
    title: 'Molchanov et al. (2019), Importance Estimation for Neural Network Pruning',
    url: 'https://arxiv.org/abs/1906.10771',
    departures: [
      'channels that residual sums couple go together, by the mean of their importances',
      'gradients of one model on a sample of images, where the paper averages while it trains; rounds are the study’s business',
      'normalisation is evaluated with its running statistics; the level is a fraction of weights unless `counts` says channels',
    ],
  },
  options,
  needsData: true,
  needs: () => ({ abilities: ['channelGroups', 'parameterGradient'] }),
  create: (asked, services) =>
    channelPruner(asked, services, {
      counts: kernelsOf(asked.parts),
      score: (model, context, scored) => importances(model, context, scored, asked.batchSize),
    }),
});

/** Means over batches of the squared sum of weight x slope of each part. */
async function importances(
  model: Model,
  context: PruneContext,
  scored: readonly ChannelPart[],
  batchSize: number,
): Promise<(part: ChannelPart) => number> {
  const sample = await trainingSample(context, 'Taylor ranks channels by gradients on labelled training images');
  const weights = await model.weights();
  return meanSums(sample, scored, {
    async of(images, labels) {
      const slopes = await model.parameterGradient(images, labels);
      const products = [...slopes].map(([name, { data, shape }]) => {
        const own = weights.get(name)!.data;
        return [name, { shape, data: Float64Array.from(data, (slope, i) => own[i]! * slope) }] as const;
      });
      return new Map(products);
    },
    counted: (sum) => sum ** 2,
    batchSize,
  });
}
