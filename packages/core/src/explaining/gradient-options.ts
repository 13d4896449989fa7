import * as z from 'zod';
import { type NdArray, ndArray } from '../array.ts';
import { channelReductions } from './channel-reduction.ts';
import type { ChannelReduction } from './explainer.ts';

/** The option `reduction` of an explainer: how its maps are read unless somebody asks otherwise. */
export function reductionOption(byDefault: ChannelReduction) {
  return z
    .enum(channelReductions)
    .default(byDefault)
    .describe('how the channels become one value per pixel; `sum` keeps the sign');
}

/** The option `reduction` of a metric: how it reads maps. */
export const readingOption = z
  .enum(channelReductions)
  .optional()
  .describe("how channels become one value per pixel; the attribution's own reduction if absent");

/** The option `space` of an explainer of gradients: per unit of which input they are. */
export const spaceOption = z
  .enum(['normalised', 'pixel'])
  .default('normalised')
  .describe('gradient per unit of the normalised input (as Captum), or per unit of the pixel value in [0, 1]');

/**
 * A gradient by pixel values, per unit of the asked input: for the normalised one, z = (x - mean) / std, each channel is multiplied by its
 * `std` (the chain rule).
 *
 * @param std one value per channel
 */
export function gradientIn(
  space: z.output<typeof spaceOption>,
  gradient: NdArray<'n h w c'>,
  std: readonly number[],
): NdArray<'n h w c'> {
  if (space === 'pixel') return gradient;
  return ndArray(
    gradient.axes,
    gradient.shape,
    gradient.data.map((value, i) => value * std[i % std.length]!),
  );
}
