import { type Split, sizeOf, takeRows } from '@espalier/core';
import { type Raster, rasterOf } from './raster.ts';

/** One image of the split as bytes. */
export async function photoOf(images: Split, index: number): Promise<Raster> {
  const batch = await images.images([index]);
  const [, height, width] = batch.shape as [number, number, number, number]; // 'n h w c' has four sizes
  return rasterOf(takeRows(batch, [0]).data.subarray(0, sizeOf([height, width, 3])), height, width);
}
