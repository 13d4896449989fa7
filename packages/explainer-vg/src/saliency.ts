import { channelReductions, definePlugin, imagesIn } from '@espalier/core';
import * as z from 'zod';
import { perNormalisedUnit } from './per-normalised-unit.ts';

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
    space: z
      .enum(['normalised', 'pixel'])
      .default('normalised')
      .describe('gradient per unit of the normalised input (as Captum), or per unit of the pixel value in [0, 1]'),
    reduction: z
      .enum(channelReductions)
      .default('sum-abs')
      .describe('how the channels become one value per pixel; `sum` keeps the sign'),
  }),
  passes: (_, { images }) => ({ gradient: imagesIn(images) }),
  create: ({ space, reduction }) => ({
    reduction,
    async explain(model, images, classIndex) {
      const gradient = await model.inputGradient(images, classIndex);
      const values = space === 'pixel' ? gradient : perNormalisedUnit(gradient, model.input.std);
      return { values, diagnostics: {} };
    },
  }),
});
