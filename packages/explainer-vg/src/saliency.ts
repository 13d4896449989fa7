import { definePlugin, gradientIn, imagesIn, reductionOption, spaceOption } from '@espalier/core';
import * as z from 'zod';

/**
 * Vanilla gradients: how fast the logit of a class grows with each input value.
 * @example "maps": { "use": "vg/saliency", "in": { "model": …, "images": { "$from": "data.eval" } } }
 */
export const saliency = definePlugin({
  kind: 'explainer',
  name: 'saliency',
  title: 'Vanilla Gradients',
  cacheVersion: '3',
  usesSeed: false,
  source: {
    title: 'Simonyan et al. (2013), Deep Inside Convolutional Networks',
    url: 'https://arxiv.org/abs/1312.6034',
    departures: [
      'values stay signed and per channel; the reduction to one value per pixel is named beside them',
      'the source takes the largest absolute value over channels, the default here is their sum, as Quantus does',
    ],
  },
  options: z.strictObject({
    space: spaceOption,
    reduction: reductionOption('sum-abs'),
  }),
  passes: (_, { images }) => ({ gradient: imagesIn(images) }),
  create: ({ space, reduction }) => ({
    reduction,
    unit: space === 'pixel' ? 'logit-per-pixel' : 'logit-per-normalised',
    async explain(model, images, classIndex) {
      const gradient = await model.inputGradient(images, classIndex);
      return { values: gradientIn(space, gradient, model.input.std), diagnostics: {} };
    },
  }),
});
