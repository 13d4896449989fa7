import {
  answersAbout,
  baselineOption,
  definePlugin,
  imagesIn,
  imagesPerCallOption,
  pixelMaps,
  unlabelledPerCall,
} from '@espalier/core';
import { baselineImage } from '@espalier/images';
import { probability } from '@espalier/numerics';
import * as z from 'zod';
import { meanOver, occluded, squaresOver } from './squares.ts';

/**
 * Occlusion: what the answer for a class loses when a square of the image is covered, for each pixel on average over the squares that
 * cover it.
 * @example "maps": { "use": "occlusion/occlusion", "in": { "model": …, "images": { "$from": "data.eval" } } }
 */
export const occlusion = definePlugin({
  kind: 'explainer',
  name: 'occlusion',
  title: 'Occlusion',
  cacheVersion: '1',
  usesSeed: false,
  source: {
    title: 'Zeiler & Fergus (2014), Visualizing and Understanding Convolutional Networks',
    url: 'https://arxiv.org/abs/1311.2901',
    departures: [
      'a map tells what is lost, not what is left, and of the logit unless `answer` says otherwise; the source shows the probability',
      'squares are filled with the mean colour by default, which is its grey; where they overlap, pixels take the mean, as in Captum',
    ],
  },
  options: z.strictObject({
    window: z
      .number()
      .positive()
      .max(1)
      .default(1 / 7)
      .describe('side of the square, of the shorter side of the image: 1/7 is 32 of 224 pixels'),
    stride: z.number().positive().max(1).default(0.5).describe('from one square to the next, of its side'),
    baseline: baselineOption,
    answer: z
      .enum(['logit', 'probability'])
      .default('logit')
      .describe('what is lost: the logit of the class (as Captum), or its probability (as the source)'),
    imagesPerCall: imagesPerCallOption,
  }),
  unlabelled: unlabelledPerCall,
  passes(asked, { images }) {
    const count = imagesIn(images);
    return images && count !== undefined ? { forward: count * (squaresOver(images, asked).length + 1) } : undefined;
  },
  create: (asked, services) => ({
    reduction: 'sum',
    async explain(model, images, classIndex, told, ids) {
      const squares = squaresOver(model.input, asked);
      const what = (n: number) => `${ids ? `"${ids[n]}"` : `image ${n}`}, occluded`;
      const values = await pixelMaps(
        { model, images, classIndex, told, what: 'occlusion' },
        services,
        async (image, n, hear) => {
          const baseline = baselineImage(image, model.input, asked.baseline);
          const version = (i: number) => (i === 0 ? image : occluded(image, baseline, squares[i - 1]!, model.input)); // the image itself comes first
          const [whole, ...left] = await answersAbout(
            model,
            { count: squares.length + 1, version, imagesPerCall: asked.imagesPerCall, what: what(n), told: hear },
            (logits) => (asked.answer === 'logit' ? logits[classIndex[n]!]! : probability(logits, classIndex[n]!)),
          );
          return meanOver(
            squares,
            left.map((answer) => whole! - answer),
            model.input,
          );
        },
      );
      return { values, diagnostics: {} };
    },
  }),
});
