import { defineMetric, imagesPerCallOption, randomStream, unlabelledPerCall } from '@espalier/core';
import * as z from 'zod';
import { measureMprt } from './measure-mprt.ts';
import { hasItsLast, mprtOrders, mprtPresets, mprtShape, noLast } from './mprt-options.ts';
import { smoothExplainer } from './smooth-explainer.ts';

const options = z
  .strictObject({
    ...mprtShape,
    order: z.enum(mprtOrders).default('bottom-up').describe(mprtShape.order.description!),
    average: mprtShape.average.unwrap().default('last').describe(mprtShape.average.description!),
    samples: z.int().min(2).max(1000).default(50).describe('copies of each image, the last one without noise'),
    sigma: z
      .number()
      .positive()
      .max(10)
      .default(0.1)
      .describe("standard deviation of the noise, of the image's largest less its smallest value"),
    imagesPerCall: imagesPerCallOption,
  })
  .refine(hasItsLast, noLast);

/**
 * Smooth MPRT: the model parameter randomisation test of maps that are means over noisy copies of the images, so that what is compared is not
 * the noise of gradients.
 *
 * Returns the same scores as `mprt`, as `smooth-mprt-bottom-up` and so on.
 * @example "scores": { "use": "metrics/smooth-mprt", "in": { "model": …, "images": …, "explainer": … } }
 */
export const smoothMprt = defineMetric({
  name: 'smooth-mprt',
  title: 'Smooth MPRT',
  cacheVersion: '1',
  usesSeed: false,
  source: {
    title:
      'Hedström et al. (2024), Sanity Checks Revisited: An Exploration to Repair the Model Parameter Randomisation Test',
    url: 'https://arxiv.org/abs/2401.06465',
    departures: [
      'those of mprt; from the input up, since randomising from the output down keeps what the lower layers learned',
      'an image gets the same noise at every step and from every model; Quantus draws it anew each time',
      "Quantus 0.5.3 smooths its own gradients, whatever explainer it is given; here it is the study's explainer",
    ],
  },
  options,
  presets: mprtPresets,
  unlabelled: unlabelledPerCall,
  inputs: ['model', 'images', 'explainer'],
  needs: () => ({ abilities: ['withWeights'] }),
  create: (asked, services) => ({
    measure({ explainer, ...inputs }) {
      const smoothed = smoothExplainer(explainer, asked, (id) => randomStream(asked.seed, 'smooth-mprt', id));
      return measureMprt({ ...inputs, explainer: smoothed }, asked, services, {
        metric: 'smooth-mprt',
        name: 'Random layers, smoothed',
        meaning:
          'How much of a map, smoothed over noisy copies of its image, is left when layers of the network are random: near 0 where it depends on what was learned.',
        bars: {}, // how much two random networks agree by, once smoothed, was not measured
      });
    },
  }),
});
