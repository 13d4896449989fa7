import {
  type ChannelPart,
  definePlugin,
  eachWeightOf,
  type Model,
  type PruneContext,
  rows,
  StudyError,
} from '@espalier/core';
import * as z from 'zod';
import { channelPruner, declared } from './channel-pruner.ts';
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
  cacheVersion: '1',
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
      score: (model, { sample }, scored) => importances(model, sample, scored, asked.batchSize),
    }),
});

/** Means over batches of the squared sum of weight x slope of each part. */
async function importances(
  model: Model,
  sample: PruneContext['sample'],
  scored: readonly ChannelPart[],
  batchSize: number,
): Promise<(part: ChannelPart) => number> {
  const found = await sample?.();
  if (!found || found.labels.length === 0)
    throw new StudyError(
      'pruner-structured/images-missing',
      `Taylor ranks channels by gradients on labelled training images; found ${found ? 'a sample of none' : 'no sample'}. ` +
        'Connect its input "data" to images, for example to data.train.',
    );
  const { images, labels } = found;
  const weights = await model.weights();
  const batches = Math.ceil(labels.length / batchSize);
  const means = new Map<ChannelPart, number>();
  for (let start = 0; start < labels.length; start += batchSize) {
    const end = Math.min(start + batchSize, labels.length);
    const slopes = await model.parameterGradient(rows(images, start, end), labels.slice(start, end));
    for (const part of scored) {
      const [{ data, shape }, slope] = [weights.get(part.parameter)!, slopes.get(part.parameter)!];
      let change = 0;
      eachWeightOf(part, shape, (at) => {
        change += data[at]! * slope.data[at]!;
      });
      means.set(part, (means.get(part) ?? 0) + change ** 2 / batches);
    }
  }
  return (part) => means.get(part)!;
}
