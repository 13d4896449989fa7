import { definePlugin, imagesIn, type ModelNeeds, modifiedGradientRules, reductionOption } from '@espalier/core';
import * as z from 'zod';
import { meanSlopes } from './class-activation.ts';
import { mapsOf } from './maps-of.ts';
import { declared, departures, layer, resize } from './options.ts';

const options = z.strictObject({
  preset: z
    .enum(['corrected', 'captum'])
    .default('corrected')
    .describe("whose choice, where `resize` says nothing: the source's `bilinear`, or `nearest` of `captum`"),
  layer,
  resize,
  reduction: reductionOption('sum-abs'),
});

const rules = modifiedGradientRules('guided');

/**
 * Guided Grad-CAM: guided backpropagation, by the normalised input, times the Grad-CAM map of each pixel.
 * @example "maps": { "use": "cam/guided-grad-cam", "in": { "model": …, "images": { "$from": "data.eval" } } }
 */
export const guidedGradCam = definePlugin({
  ...declared,
  name: 'guided-grad-cam',
  title: 'Guided Grad-CAM',
  source: {
    title: 'Selvaraju et al. (2017), Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization',
    url: 'https://arxiv.org/abs/1610.02391',
    departures: [
      'every ReLU is guided, ReLU6 among them; networks with other bent functions, such as GELU, are refused',
      'values stay signed and per channel; the reduction to one value per pixel is named beside them',
      ...departures,
    ],
  },
  options,
  presets: { corrected: { resize: 'bilinear' }, captum: { resize: 'nearest' } },
  needs: (asked): ModelNeeds => ({
    abilities: ['activationGradient', 'inputRelevance'],
    layers: [{ path: ['layer'], name: asked.layer, demand: 'map' }],
    rules,
  }),
  passes(_, { images }) {
    const count = imagesIn(images);
    return count === undefined ? undefined : { forward: count, gradient: 2 * count };
  },
  create: ({ reduction, ...asked }) => ({
    reduction,
    async explain(model, images, classIndex, told) {
      const mapping = { ...asked, weights: meanSlopes, signs: 'any', relu: true, scale: 'none' } as const;
      const maps = await mapsOf({ model, images, classIndex, told }, mapping);
      const { values } = await model.inputRelevance(images, classIndex, rules);
      const { channels } = model.input;
      const data = values.data.map((value, i) => value * maps.data[Math.floor(i / channels)]!);
      return { values: { ...values, data }, diagnostics: {} };
    },
  }),
});
