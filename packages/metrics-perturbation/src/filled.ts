import type { InputSpec } from '@espalier/core';
import { baselineImage } from '@espalier/images';

/** What pixels without information become. */
export const fills = ['blur', 'mean', 'black'] as const;

/** One way to fill. */
export type Fill = (typeof fills)[number];

/**
 * An image of nothing but what removed pixels become.
 *
 * @param image row-major `h w c`, pixels in [0, 1]
 * @param blur standard deviation, of the shorter side
 */
export function filled(image: Float32Array, input: InputSpec, fill: Fill, blur: number): Float32Array {
  return baselineImage(image, input, fill === 'blur' ? { name: fill, sigma: blur } : { name: fill });
}
