import { definePlugin, type ModelNeeds } from '@espalier/core';
import * as z from 'zod';
import { meanSlopes } from './class-activation.ts';
import { inFirstChannel, mapsOf } from './maps-of.ts';
import { declared, departures, layer, resize, scale } from './options.ts';

const options = z.strictObject({
  preset: z
    .enum(['corrected', 'captum', 'grad-cam-1.5.7'])
    .default('corrected')
    .describe(
      'whose choices, where `relu`, `resize` and `scale` say nothing: the source’s; signed blocks of `captum`; from 0 to 1 of `grad-cam-1.5.7`',
    ),
  layer,
  relu: z.boolean().optional().describe("whether what speaks against the class is left out; the preset's if absent"),
  resize,
  scale,
});

/**
 * Grad-CAM: the activations of a layer, each feature weighted by the mean slope of the class's logit.
 * @example "maps": { "use": "cam/grad-cam", "with": { "layer": "layer4" }, "in": { "model": …, "images": { "$from": "data.eval" } } }
 */
export const gradCam = definePlugin({
  ...declared,
  name: 'grad-cam',
  title: 'Grad-CAM',
  source: {
    title: 'Selvaraju et al. (2017), Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization',
    url: 'https://arxiv.org/abs/1610.02391',
    departures,
  },
  options,
  presets: {
    corrected: { relu: true, resize: 'bilinear', scale: 'none' },
    captum: { relu: false, resize: 'nearest', scale: 'none' },
    'grad-cam-1.5.7': { relu: true, resize: 'bilinear', scale: 'range' },
  },
  needs: (asked): ModelNeeds => ({
    abilities: ['activationGradient'],
    layers: [{ path: ['layer'], name: asked.layer, demand: 'map' }],
  }),
  create: (asked) => ({
    reduction: 'sum',
    async explain(model, images, classIndex, told) {
      const maps = await mapsOf({ model, images, classIndex, told }, { ...asked, weights: meanSlopes, signs: 'any' });
      return { values: inFirstChannel(maps, model.input.channels), diagnostics: {} };
    },
  }),
});
