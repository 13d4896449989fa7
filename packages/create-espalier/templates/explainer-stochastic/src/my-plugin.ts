import { definePlugin, imagesIn, type NdArray, ndArray, type RandomStream, sampleStreams } from '@espalier/core';
import * as z from 'zod';

/**
 * Say in one sentence what my-plugin attributes to a pixel.
 *
 * @example "attributions": { "use": "mine/my-plugin", "in": { "model": …, "images": … } }
 */
export const myPlugin = definePlugin({
  kind: 'explainer',
  name: 'my-plugin',
  title: 'My plugin',
  cacheVersion: '1',
  usesSeed: 'paired',
  source: { title: 'Authors (year), Title of the paper', url: 'https://example.org/the-paper', departures: [] },
  options: z.strictObject({
    draws: z
      .int()
      .min(1)
      .max(1000)
      .default(8)
      .describe('noisy copies of each image that the gradient is averaged over'),
    deviation: z
      .number()
      .positive()
      .max(1)
      .default(0.1)
      .describe('standard deviation of the noise, of pixels in [0, 1]'),
  }),
  passes({ draws }, { images }) {
    const count = imagesIn(images);
    return count === undefined ? undefined : { gradient: draws * count };
  },
  create: ({ draws, deviation }, { pairedSeed, signal }) => ({
    reduction: 'sum-abs',
    async explain(model, images, classIndex, _told, ids) {
      // By sample id, from the seed of all arms: an image gets the same noise in every arm, batch and order.
      const streams = sampleStreams(pairedSeed, ids, classIndex.length, 'my-plugin');
      const sums = new Float64Array(images.data.length);
      for (let draw = 0; draw < draws; draw++) {
        signal.throwIfAborted();
        const gradient = await model.inputGradient(withNoise(images, deviation, streams), classIndex);
        for (const [i, slope] of gradient.data.entries()) sums[i]! += slope;
      }
      const values = ndArray(
        'n h w c',
        images.shape,
        Float32Array.from(sums, (sum) => sum / draws),
      );
      return { values, diagnostics: {} };
    },
  }),
});

/** Images with normal noise of standard deviation `deviation`; each image draws from its own stream. */
export function withNoise(
  images: NdArray<'n h w c'>,
  deviation: number,
  streams: readonly Pick<RandomStream, 'normal'>[],
): NdArray<'n h w c'> {
  const size = images.data.length / streams.length;
  const noisy = images.data.map((value, i) => value + deviation * streams[Math.floor(i / size)]!.normal());
  return ndArray('n h w c', images.shape, noisy);
}
