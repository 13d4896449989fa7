import { definePlugin, expectShape, imagesIn, type Model, ndArray, reductionOption, spaceOption } from '@espalier/core';
import * as z from 'zod';

/**
 * Input times gradient: each input value times how fast the logit of a class grows with it.
 *
 *     map[i] = (x[i] - b[i]) d f / d x[i], b the mean image (zero after normalisation), or black
 *
 * Were the logit linear, a map would add up to f(x) - f(b). Networks are not: what each map misses it by is the diagnostic `delta`.
 * @example "maps": { "use": "vg/input-times-gradient", "in": { "model": …, "images": { "$from": "data.eval" } } }
 */
export const inputTimesGradient = definePlugin({
  kind: 'explainer',
  name: 'input-times-gradient',
  title: 'Input x Gradient',
  cacheVersion: '1',
  usesSeed: false,
  source: {
    title:
      'Shrikumar et al. (2016), Not Just a Black Box: Learning Important Features Through Propagating Activation Differences',
    url: 'https://arxiv.org/abs/1605.01713',
    departures: ['values stay signed and per channel; the reduction to one value per pixel is named beside them'],
  },
  diagnostics: {
    delta:
      'what the map differs by from the change of the logit from the mean image, or black: the network is not linear; in logits',
  },
  options: z.strictObject({
    space: spaceOption.describe('the input that is multiplied: normalised (as Captum), or the pixel value in [0, 1]'),
    reduction: reductionOption('sum'),
  }),
  passes(_, { images }) {
    const count = imagesIn(images);
    return { gradient: count, forward: count };
  },
  create: ({ space, reduction }) => ({
    reduction,
    unit: 'logit',
    async explain(model, images, classIndex) {
      const { height, width, channels, mean } = model.input;
      expectShape(images, [classIndex.length, height, width, channels], 'images for input x gradient');
      const zero = space === 'pixel' ? mean.map(() => 0) : mean;
      const gradient = await model.inputGradient(images, classIndex);
      const data = gradient.data.map((slope, i) => slope * (images.data[i]! - zero[i % channels]!));
      const atZero = ndArray('n h w c', [1, height, width, channels]);
      atZero.data.forEach((_, i) => {
        atZero.data[i] = zero[i % channels]!;
      });
      const [here, there] = [await logits(model, images), await logits(model, atZero)];
      const size = height * width * channels;
      const delta = classIndex.map((index, n) => {
        const sum = data.subarray(n * size, (n + 1) * size).reduce((total, value) => total + value, 0);
        return sum - (here(n, index) - there(0, index));
      });
      return { values: { ...gradient, data }, diagnostics: { delta } };
    },
  }),
});

/** The logits of images, by row and class. */
async function logits(
  model: Model,
  images: Parameters<Model['predict']>[0],
): Promise<(n: number, k: number) => number> {
  const { data, shape } = await model.predict(images);
  return (n, k) => data[n * shape[1]! + k]!;
}
