import { definePlugin, ndArray } from '@espalier/core';
import * as z from 'zod';

// An explainer as somebody else would publish it: this package knows core, and nothing knows it but the study.
export const apiVersion = 'plugin/v1';

export const plugins = [
  definePlugin({
    kind: 'explainer',
    title: 'Gradient × Input',
    name: 'gradient-times-input',
    cacheVersion: '1',
    source: {
      title: 'Shrikumar et al. (2016), Not Just a Black Box',
      url: 'https://arxiv.org/abs/1605.01713',
      departures: [],
    },
    options: z.strictObject({}),
    create: () => ({
      reduction: 'sum',
      async explain(model, images, classIndex) {
        const gradient = await model.inputGradient(images, classIndex);
        const values = gradient.data.map((slope, i) => slope * images.data[i]);
        return { values: ndArray('n h w c', images.shape, values), diagnostics: {} };
      },
    }),
  }),
];
