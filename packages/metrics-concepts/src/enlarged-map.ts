import type { ConceptBank } from '@espalier/core';

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
  const at = (y: number, x: number) => maps.data[((n * rows + y) * columns + x) * concepts + r]!;
  const down = samples(height, rows);
  const across = samples(width, columns);
  return Float32Array.from({ length: height * width }, (_, i) => {
    const [y, x] = [down[Math.floor(i / width)]!, across[i % width]!];
    const upper = at(y.low, x.low) * (1 - x.share) + at(y.low, x.high) * x.share;
    const lower = at(y.high, x.low) * (1 - x.share) + at(y.high, x.high) * x.share;
    return upper * (1 - y.share) + lower * y.share;
  });
}

/** Between which two of `size` places each of `length` pixels falls, and how near it is to the second. */
function samples(length: number, size: number): readonly { low: number; high: number; share: number }[] {
  return Array.from({ length }, (_, i) => {
    const position = Math.min(size - 1, Math.max(0, ((i + 0.5) * size) / length - 0.5));
    const low = Math.floor(position);
    return { low, high: Math.min(low + 1, size - 1), share: position - low };
  });
}
