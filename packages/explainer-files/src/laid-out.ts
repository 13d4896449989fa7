import { type InputSpec, type NdArray, StudyError } from '@espalier/core';

/** The order of a map's axes. */
export const layouts = ['h w', 'h w c', 'c h w'] as const;

/** One order of axes. */
export type Layout = (typeof layouts)[number];

/**
 * A map as attributions are: row-major `h w c`. One value per pixel stands in the first channel, beside zeros, so that every reduction of
 * channels gives it back, or its absolute value.
 *
 * @param map of any shape
 * @param name what errors call it
 * @throws StudyError `explainer-files/shape` where the map has other sizes than images of `input`, in this order
 */
export function laidOut(
  { data, shape }: Pick<NdArray, 'data' | 'shape'>,
  layout: Layout,
  { height, width, channels }: Pick<InputSpec, 'height' | 'width' | 'channels'>,
  name: string,
): Float32Array {
  const sizes = { h: height, w: width };
  const letters = layout.split(' ') as ('h' | 'w' | 'c')[]; // the letters of a layout
  const depth = layout === 'h w' ? 1 : shape[letters.indexOf('c')];
  const fits =
    shape.length === letters.length &&
    (depth === 1 || depth === channels) &&
    letters.every((letter, axis) => letter === 'c' || shape[axis] === sizes[letter]);
  if (!fits) {
    const expected = letters.map((letter) => (letter === 'c' ? `${channels} or 1` : sizes[letter])).join(', ');
    throw new StudyError(
      'explainer-files/shape',
      `Expected ${name} to have the shape [${expected}] (${layout}), as the images; found [${shape.join(', ')}]. ` +
        'Make maps of the size of the images, or set "layout" to the order of their axes.',
    );
  }
  const values = new Float32Array(height * width * channels);
  const pixels = height * width;
  for (let pixel = 0; pixel < pixels; pixel++)
    for (let c = 0; c < depth; c++)
      values[pixel * channels + c] = data[layout === 'c h w' ? c * pixels + pixel : pixel * depth + c]!;
  return values;
}
