import type { BaselineChoice, InputSpec } from '@espalier/core';
import { gaussianBlur } from './gaussian-blur.ts';

/**
 * The image that stands for nothing: black, the mean colour, or `image` itself, blurred.
 *
 * @param image row-major `h w c`, pixels in [0, 1]
 */
export function baselineImage(
  image: Float32Array,
  { height, width, channels, mean }: InputSpec,
  baseline: BaselineChoice,
): Float32Array {
  if (baseline.name === 'blur')
    return gaussianBlur(image, { height, width, channels }, baseline.sigma * Math.min(height, width));
  return image.map((_, i) => (baseline.name === 'mean' ? mean[i % channels]! : 0));
}
