import {
  compositeOptions,
  definePlugin,
  expectShape,
  imagesIn,
  type ModelNeeds,
  reductionOption,
  relevanceRules,
} from '@espalier/core';
import * as z from 'zod';

const options = z.strictObject({ ...compositeOptions, reduction: reductionOption('sum') });

type Options = z.output<typeof options>;

/**
 * Layer-wise relevance propagation: the logit of a class is handed back layer by layer, to each value by its share, down to the image.
 *
 * Diagnostics, per image in logits: `logit`, what set out; `absorbed`, what biases and all else that is the same for every image took;
 * `withheld`, what epsilons kept back; `delta`, what the map, `absorbed` and `withheld` together differ from `logit` by: rounding, which is
 * large where positive and negative relevance are many times the logit.
 * @example "maps": { "use": "lrp/relevance", "with": { "composite": "epsilon-plus" }, "in": { "model": …, "images": { "$from": "data.eval" } } }
 */
export const relevance = definePlugin({
  kind: 'explainer',
  name: 'relevance',
  title: 'LRP',
  cacheVersion: '1',
  usesSeed: false,
  source: {
    title:
      'Bach et al. (2015), On Pixel-Wise Explanations for Non-Linear Classifier Decisions by Layer-Wise Relevance Propagation',
    url: 'https://doi.org/10.1371/journal.pone.0130140',
    departures: [
      'composites are those of Zennit; BatchNorm is merged into the convolution before it, and one that has none passes on what arrives',
      'what sets out is the logit, and not 1',
      'transformers have the rules of Achtibat et al. (2024): shares in products are even, layer norm and functions of one value pass on what arrives',
      'z-box takes its bounds from the model: what pixels in [0, 1] become when they are normalised',
    ],
  },
  options,
  diagnostics: {
    absorbed: 'what biases, and all else that is the same for every image, took of the logit, in logits',
    withheld: 'what epsilons and divisors of 0 kept back, in logits',
    delta: 'what the map, `absorbed` and `withheld` together differ from the logit by: rounding, in logits',
  },
  needs: (asked: Options): ModelNeeds => ({ abilities: ['inputRelevance'], rules: relevanceRules(asked) }),
  // Each rule computes a layer up to four times, forward and back.
  passes(_, { images }) {
    const count = imagesIn(images);
    return count === undefined ? undefined : { gradient: 3 * count };
  },
  create: (asked) => ({
    reduction: asked.reduction,
    unit: 'logit',
    async explain(model, images, classIndex) {
      const { height, width, channels } = model.input;
      expectShape(images, [classIndex.length, height, width, channels], 'images for relevance propagation');
      const { values, start, absorbed, withheld } = await model.inputRelevance(
        images,
        classIndex,
        relevanceRules(asked),
      );
      const size = height * width * channels;
      const delta = start.map((logit, n) => {
        const map = values.data.subarray(n * size, (n + 1) * size).reduce((sum, value) => sum + value, 0);
        return map + absorbed[n]! + withheld[n]! - logit;
      });
      return { values, diagnostics: { logit: start, absorbed, withheld, delta } };
    },
  }),
});
