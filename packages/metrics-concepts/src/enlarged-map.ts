import type { ConceptBank } from '@espalier/core';
import { resizeMap } from '@espalier/images';

/**
 * Where concept `r` is in image `n` of a bank, at the size of the image: bilinear between the centres of the layer's
 * places, edges repeated.
 *
 * @returns row-major `height` x `width`
 */
export function enlargedMap(
  { maps }: Pick<ConceptBank, 'maps'>,
  { n, r }: { readonly n: number; readonly r: number },
  height: number,
  width: number,
): Float32Array {
  const [, rows, columns, concepts] = maps.shape as [number, number, number, number]; // 'n h w r' has four sizes
  const place = (i: number) => maps.data[(n * rows * columns + i) * concepts + r]!;
  const map = Float32Array.from({ length: rows * columns }, (_, i) => place(i));
  return resizeMap(map, { height: rows, width: columns }, { height, width });
}
