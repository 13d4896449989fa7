import {
  baselineChoices,
  definePlugin,
  type Explainer,
  expectShape,
  type InForce,
  imagesIn,
  ndArray,
  optionsInForce,
  reductionOption,
  type Services,
} from '@espalier/core';
import * as z from 'zod';
import { baselinesFor } from './baselines.ts';
import { integrate, stopCodes } from './path-integral.ts';
import { pathRules } from './path-rules.ts';
import { igPresetNames, igPresets } from './presets.ts';

const baseline = z.discriminatedUnion('name', [
  ...baselineChoices,
  z.strictObject({
    name: z.literal('uniform'),
    draws: z.int().min(1).max(1000).default(4).describe('noise images that attributions are averaged over'),
    seed: z
      .int()
      .min(0)
      .default(0)
      .describe('seed of the noise; the same for all models, so that they are explained from the same baselines'),
  }),
]);

// The nodes of a Gauss-Legendre rule take time that grows with the square; no integral of a network needs as many.
const mostSteps = 10_000;

const options = z
  .strictObject({
    preset: z
      .enum(igPresetNames)
      .default('corrected')
      .describe(
        'whose quadrature, where `rule` and `steps` say nothing: 50 points of `gauss-legendre`, but of `quantus-0.5.3` 10 of `captum-trapezoid`',
      ),
    rule: z.enum(pathRules).optional().describe("quadrature along the path; the preset's if absent"),
    steps: z
      .int()
      .min(1)
      .max(mostSteps)
      .optional()
      .describe("gradients per image and baseline; the preset's if absent"),
    baseline: baseline
      .default({ name: 'mean' })
      .describe(
        'start of the path: black, mean (zero after normalisation, as Captum), blur of the image, uniform noise',
      ),
    tolerance: z
      .number()
      .positive()
      .max(1000)
      .nullable()
      .default(null)
      .describe('refine each image until |delta| is at most this many logits; null uses `steps` as it is'),
    maxSteps: z
      .int()
      .min(1)
      .max(mostSteps)
      .default(800)
      .describe('gradients per image and baseline that refinement may reach'),
    pointsPerCall: z
      .int()
      .min(1)
      .max(256) // of 1024 x 1024 pixels: 3 GiB
      .default(32)
      .describe('path points the model is asked about at once, at most 256; bounds memory'),
    reduction: reductionOption('sum'),
  })
  .refine((asked) => !optionsInForce(igPresets, asked).rule.endsWith('trapezoid') || (asked.steps ?? 2) >= 2, {
    path: ['steps'],
    error: 'a trapezoid needs at least 2 steps, one at each end',
  })
  .refine((asked) => optionsInForce(igPresets, asked).rule !== 'captum-trapezoid' || asked.tolerance === null, {
    path: ['tolerance'],
    error: 'the weights of captum-trapezoid do not add up to 1, so refining it meets no tolerance; use trapezoid',
  });

/** What was asked for, with the preset's choices where nothing was said. */
type Options = InForce<z.output<typeof options>, typeof igPresets>;

/**
 * Integrated gradients: the gradient summed along the straight path from a baseline to the image.
 * @example "maps": { "use": "ig/integrated-gradients", "with": { "steps": 50 }, "in": { "model": …, "images": { "$from": "data.eval" } } }
 */
export const integratedGradients = definePlugin({
  kind: 'explainer',
  name: 'integrated-gradients',
  title: 'Integrated Gradients',
  cacheVersion: '3',
  usesSeed: false,
  source: {
    title: 'Sundararajan et al. (2017), Axiomatic Attribution for Deep Networks',
    url: 'https://arxiv.org/abs/1703.01365',
    departures: [
      'Gauss-Legendre quadrature instead of a right Riemann sum',
      'the default baseline is the mean image (zero after normalisation), not black',
      'optional refinement per image until completeness holds to a tolerance',
    ],
  },
  options,
  diagnostics: {
    delta: 'what the map differs by from the change of the logit along the path, in logits',
    steps: 'points on the path of each baseline',
  },
  presets: igPresets,
  unlabelled: { pointsPerCall: 'bounds memory; the sum is the same' },
  passes({ steps, baseline: from }, { images }) {
    const count = imagesIn(images);
    return count === undefined ? undefined : { gradient: count * steps * (from.name === 'uniform' ? from.draws : 1) };
  },
  create: explainerFrom,
});

function explainerFrom(asked: Options, { signal }: Services): Explainer {
  return {
    reduction: asked.reduction,
    unit: 'logit',
    async explain(model, images, classIndex, told = () => {}) {
      const { height, width, channels } = model.input;
      expectShape(images, [classIndex.length, height, width, channels], 'images for integrated gradients');
      const baselines = baselinesFor(asked.baseline, model.input);
      const values = ndArray('n h w c', images.shape);
      const diagnostics = { delta: [] as number[], steps: [] as number[], stop: [] as number[] };
      const size = height * width * channels;
      for (const [i, index] of classIndex.entries()) {
        signal.throwIfAborted();
        const image = images.data.subarray(i * size, (i + 1) * size);
        const paths = { model, image, baselines: baselines(image), classIndex: index };
        const result = await integrate(paths, asked, (part) => told(i + part));
        values.data.set(result.attribution, i * size);
        diagnostics.delta.push(result.delta);
        diagnostics.steps.push(result.steps);
        diagnostics.stop.push(stopCodes[result.stop]);
        told(i + 1);
      }
      return { values, diagnostics };
    },
  };
}
