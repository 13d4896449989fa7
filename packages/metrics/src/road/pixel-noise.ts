import { deriveSeed, philox } from '@espalier/core';
import { normalQuantile } from './normal-quantile.ts';

/**
 * Adds normal noise to the pixels `indices` of `image` (row-major `h w c`), in place.
 *
 * The noise at a pixel depends on `seed`, `labels`, the pixel and the channel alone: never on which other pixels,
 * levels or images are computed.
 *
 * @param deviations standard deviation per channel, in the units of the image; at most 4 channels
 */
export function addPixelNoise(
  image: Float32Array,
  indices: Uint32Array,
  deviations: readonly number[],
  seed: number,
  ...labels: readonly (string | number)[]
): void {
  const key = deriveSeed(seed, 'pixel-noise', ...labels);
  const [low, high] = [key >>> 0, Math.floor(key / 2 ** 32)];
  const channels = deviations.length;
  const block = new Uint32Array(4);
  for (const pixel of indices) {
    philox(pixel, 0, 0, 0, low, high, block);
    for (let c = 0; c < channels; c++) {
      image[pixel * channels + c]! += deviations[c]! * normalQuantile((block[c]! + 0.5) / 2 ** 32);
    }
  }
}
