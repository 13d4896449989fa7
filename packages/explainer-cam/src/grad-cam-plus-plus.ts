import { definePlugin, type ModelNeeds } from '@espalier/core';
import * as z from 'zod';
import { weightedSlopes } from './class-activation.ts';
import { inFirstChannel, mapsOf } from './maps-of.ts';
import { declared, departures, layer, scale } from './options.ts';

const options = z.strictObject({
  preset: z
    .enum(['corrected', 'grad-cam-1.5.7'])
    .default('corrected')
    .describe(
      'whose choices, where `epsilon` and `scale` say nothing: the source’s; `grad-cam-1.5.7` has 1e-6, which decides alone where slopes are small, and maps from 0 to 1',
    ),
  layer,
  epsilon: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe("what the divisor of alpha is more than the formula says; the preset's if absent"),
  scale,
});

/**
 * Grad-CAM++: as Grad-CAM, with positive slopes alone, each of its own weight alpha, so that several places of one feature count alike.
 * @example "maps": { "use": "cam/grad-cam-plus-plus", "in": { "model": …, "images": { "$from": "data.eval" } } }
 */
export const gradCamPlusPlus = definePlugin({
  ...declared,
  name: 'grad-cam-plus-plus',
  title: 'Grad-CAM++',
  source: {
    title: 'Chattopadhyay et al. (2018), Grad-CAM++: Improved Visual Explanations for Deep Convolutional Networks',
    url: 'https://arxiv.org/abs/1710.11063',
    departures: [
      'slopes are those of the logit S and not of exp(S), which is one positive factor per image; alpha is equation 19 for piecewise linear S',
      'alphas are as the paper has them; the authors’ code divides those of each feature by their sum',
      'layers whose values may be negative are refused: there alpha can have any size and sign',
      ...departures,
    ],
  },
  options,
  presets: {
    corrected: { epsilon: 0, scale: 'none' },
    'grad-cam-1.5.7': { epsilon: 1e-6, scale: 'range' },
  },
  needs: (asked): ModelNeeds => ({
    abilities: ['activationGradient'],
    layers: [{ path: ['layer'], name: asked.layer, demand: 'non-negative-map' }],
  }),
  create: ({ epsilon, ...asked }) => ({
    reduction: 'sum',
    async explain(model, images, classIndex, told) {
      const mapping = {
        weights: weightedSlopes(epsilon),
        signs: 'non-negative',
        relu: true,
        resize: 'bilinear',
      } as const;
      const maps = await mapsOf({ model, images, classIndex, told }, { ...asked, ...mapping });
      return { values: inFirstChannel(maps, model.input.channels), diagnostics: {} };
    },
  }),
});
