import {
  compositeOptions,
  definePlugin,
  emptiedKernels,
  imagesIn,
  levelled,
  type Model,
  type ModelNeeds,
  type PruneContext,
  pruneOptions,
  type RelevanceRules,
  relevanceRules,
  removals,
  rows,
  trainingSample,
} from '@espalier/core';
import { selectSmallest } from '@espalier/numerics';
import * as z from 'zod';

const options = pruneOptions.extend({
  ...compositeOptions,
  // By `flat`, all weights of a kernel of the first layer would have the same relevance.
  composite: compositeOptions.composite
    .unwrap()
    .default('epsilon-plus')
    .describe(
      "rules for the layers with weights, by Zennit's names: dense ones by `epsilon`, the others by z-plus unless the name says otherwise",
    ),
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
 * Removes the weights that the least relevance passes through: the mean over images of its size, where 1 sets out at the logit of the label.
 * @example "prune": { "use": "lrp/prune", "with": { "sparsity": 0.9 }, "in": { "model": …, "data": { "$from": "data.train" } } }
 */
export const prune = definePlugin({
  ...levelled,
  kind: 'pruner',
  name: 'prune',
  title: 'Relevance',
  cacheVersion: '1',
  source: {
    title:
      'Hatefi et al. (2024), Pruning By Explaining Revisited: Optimizing Attribution Methods to Prune CNNs and Transformers',
    url: 'https://arxiv.org/abs/2408.12568',
    departures: [
      'single weights go, as in https://arxiv.org/abs/2506.13727; whole channels are for pruner-structured',
      'a weight’s relevance is its share in what the rule hands to inputs; with a rule that splits signs, the sum of its shares',
      'composites have the numbers that the options say, where the source searches for the best ones',
      'counts are exact: round(sparsity x weights), halves to even; biases are never pruned',
    ],
  },
  options,
  needs: (asked): ModelNeeds => ({ abilities: ['kernelRelevance'], rules: rulesOf(asked) }),
  needsData: true,
  // Each rule computes a layer up to four times, forward and back.
  passes(_, { images }) {
    const count = imagesIn(images);
    return count === undefined ? undefined : { gradient: 3 * count };
  },
  create: (asked, services) => ({
    sparsity: asked.sparsity,
    async mask(model, context) {
      const whole = await removals(model, asked);
      const relevance = await meanSizes(model, context, rulesOf(asked), asked.batchSize);
      const masks = whole.flatMap(({ kernels, count }) => {
        const sizes = kernels.map(({ name }) => Float32Array.from(relevance.get(name)!));
        const kept = kernels.map((kernel) => kernel.kept);
        const selected = selectSmallest(sizes, kept, count);
        return kernels.map(({ name }, k) => [name, selected[k]!] as const);
      });
      for (const name of emptiedKernels(new Map(masks)))
        services.log(`${name} loses all its weights at sparsity ${asked.sparsity}`);
      return new Map(masks);
    },
  }),
});

function rulesOf(asked: Parameters<typeof relevanceRules>[0]): RelevanceRules {
  return { ...relevanceRules(asked), start: 'one' };
}

/** Means over images of the size of each weight's relevance, by kernel. */
async function meanSizes(
  model: Model,
  context: PruneContext,
  rules: RelevanceRules,
  batchSize: number,
): Promise<ReadonlyMap<string, Float64Array>> {
  const { images, labels } = await trainingSample(
    context,
    'LRP ranks weights by relevance on labelled training images',
  );
  const means = new Map<string, Float64Array>();
  for (let start = 0; start < labels.length; start += batchSize) {
    const end = Math.min(start + batchSize, labels.length);
    const found = await model.kernelRelevance(rows(images, start, end), labels.slice(start, end), rules);
    for (const [name, { data }] of found) {
      const mean = means.get(name) ?? new Float64Array(data.length);
      for (let i = 0; i < data.length; i++) mean[i]! += (Math.abs(data[i]!) * (end - start)) / labels.length;
      means.set(name, mean);
    }
  }
  return means;
}
