import {
  definePlugin,
  type Explainer,
  expectShape,
  imagesIn,
  type ModelNeeds,
  modifiedGradientRules,
  type PlanKnowledge,
  reductionOption,
  spaceOption,
} from '@espalier/core';
import * as z from 'zod';

const options = z.strictObject({ space: spaceOption, reduction: reductionOption('sum-abs') });

type Options = z.output<typeof options>;

const departures = [
  'every ReLU is modified, ReLU6 among them, where Captum hooks modules of nn.ReLU alone; networks with other bent functions, such as GELU, are refused',
  'values stay signed and per channel; the reduction to one value per pixel is named beside them',
];

/**
 * Guided backpropagation: the gradient, of which no ReLU lets negative parts through.
 * @example "maps": { "use": "guided/guided-backprop", "in": { "model": …, "images": { "$from": "data.eval" } } }
 */
export const guidedBackprop = definePlugin({
  ...declared('guided'),
  name: 'guided-backprop',
  title: 'Guided Backpropagation',
  source: {
    title: 'Springenberg et al. (2015), Striving for Simplicity: The All Convolutional Net',
    url: 'https://arxiv.org/abs/1412.6806',
    departures,
  },
});

/**
 * Deconvnet: as guided backpropagation, but ReLUs let through whatever is positive, and not only where their own input was.
 * @example "maps": { "use": "guided/deconvnet", "in": { "model": …, "images": { "$from": "data.eval" } } }
 */
export const deconvnet = definePlugin({
  ...declared('deconvnet'),
  name: 'deconvnet',
  title: 'Deconvnet',
  source: {
    title: 'Zeiler and Fergus (2014), Visualizing and Understanding Convolutional Networks',
    url: 'https://arxiv.org/abs/1311.2901',
    departures: ['what sets out is a logit, where the source starts at a feature of a layer', ...departures],
  },
});

/** What both have but their names and sources. */
function declared(rule: 'guided' | 'deconvnet') {
  return {
    kind: 'explainer',
    cacheVersion: '1',
    usesSeed: false,
    options,
    needs: (): ModelNeeds => ({ abilities: ['inputRelevance'], rules: modifiedGradientRules(rule) }),
    passes: (_: Options, { images }: PlanKnowledge) => ({ gradient: imagesIn(images) }),
    create: ({ space, reduction }: Options): Explainer => ({
      reduction,
      async explain(model, images, classIndex) {
        const { height, width, channels, std } = model.input;
        expectShape(images, [classIndex.length, height, width, channels], `images for ${rule} gradients`);
        const { values } = await model.inputRelevance(images, classIndex, modifiedGradientRules(rule));
        if (space === 'normalised') return { values, diagnostics: {} };
        return {
          values: { ...values, data: values.data.map((value, i) => value / std[i % channels]!) },
          diagnostics: {},
        };
      },
    }),
  } as const;
}
