import { type Crop, type ImagesOutline, imagesIn, type Model, type NdArray, type Passes } from '@espalier/core';

/** Side of a crop in pixels that is the fraction `patch` of the shorter side of the model's images; at least 1. */
export function sideOf(patch: number, { input }: { readonly input: Pick<Model['input'], 'height' | 'width'> }): number {
  return Math.max(1, Math.round(patch * Math.min(input.height, input.width)));
}

/** How many crops `gridOfCrops` takes of one image. */
export function cropsPerImage(
  { height, width }: { readonly height: number; readonly width: number },
  size: number,
): number {
  return startsOf(height, size).length * startsOf(width, size).length;
}

/** About what concepts of crops ask of a network: an activation of each crop. Importance starts at the layer, and is not counted. */
export function cropPasses(patch: number, images: ImagesOutline | undefined): Passes | undefined {
  const count = imagesIn(images);
  if (!images || count === undefined) return undefined;
  return { forward: count * cropsPerImage(images, sideOf(patch, { input: images })) };
}

/** Where crops begin along a side. */
function startsOf(length: number, size: number): readonly number[] {
  const stride = Math.max(1, Math.floor(0.8 * size));
  return Array.from({ length: Math.floor((length - size) / stride) + 1 }, (_, i) => i * stride);
}

/**
 * Square crops on a grid, as `torch.unfold` takes them: from the top left in steps of floor(0.8 `size`), row by
 * row, image by image. What is left over at the right and bottom belongs to no crop.
 */
export function gridOfCrops(images: NdArray<'n h w c'>, size: number): Crop[] {
  const [count, height, width] = images.shape as [number, number, number, number]; // 'n h w c' has four sizes
  const crops: Crop[] = [];
  for (let image = 0; image < count; image++)
    for (const top of startsOf(height, size))
      for (const left of startsOf(width, size)) crops.push({ image, top, left, size });
  return crops;
}
