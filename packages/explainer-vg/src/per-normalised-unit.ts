import { type NdArray, ndArray } from '@espalier/core';

/**
 * The gradient with respect to the normalised input z = (x - mean) / std, from the gradient with respect to x.
 *
 * By the chain rule each channel is multiplied by its `std`.
 *
 * @param std one value per channel
 */
export function perNormalisedUnit(gradient: NdArray<'n h w c'>, std: readonly number[]): NdArray<'n h w c'> {
  const data = gradient.data.map((value, i) => value * std[i % std.length]!);
  return ndArray(gradient.axes, gradient.shape, data);
}
