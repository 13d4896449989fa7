import type { Crop, NdArray } from '@espalier/core';

/**
 * Square crops on a grid, as `torch.unfold` takes them: from the top left in steps of floor(0.8 `size`), row by
 * row, image by image. What is left over at the right and bottom belongs to no crop.
 */
export function gridOfCrops(images: NdArray<'n h w c'>, size: number): Crop[] {
  const [count, height, width] = images.shape as [number, number, number, number]; // 'n h w c' has four sizes
  const stride = Math.max(1, Math.floor(0.8 * size));
  const starts = (length: number) =>
    Array.from({ length: Math.floor((length - size) / stride) + 1 }, (_, i) => i * stride);
  const crops: Crop[] = [];
  for (let image = 0; image < count; image++) {
    for (const top of starts(height)) for (const left of starts(width)) crops.push({ image, top, left, size });
  }
  return crops;
}

/**
 * The crop resized to the size of its image, into `out`: bilinear, half-pixel centres, edges repeated, no smoothing
 * (`torch.nn.functional.interpolate`, `align_corners=False`).
 *
 * @param out row-major `h w c`, as large as one image
 */
export function resizeCropInto(out: Float32Array, images: NdArray<'n h w c'>, { image, top, left, size }: Crop): void {
  const [, height, width, channels] = images.shape as [number, number, number, number]; // 'n h w c' has four sizes
  const rows = samplesAlong(height, top, size);
  const columns = samplesAlong(width, left, size);
  const start = image * height * width;
  let at = 0;
  for (const row of rows) {
    const [above, below] = [start + row.low * width, start + row.high * width];
    for (const column of columns) {
      for (let c = 0; c < channels; c++) {
        const value = (line: number, x: number) => images.data[(line + x) * channels + c]!;
        const first = value(above, column.low) * (1 - column.share) + value(above, column.high) * column.share;
        const second = value(below, column.low) * (1 - column.share) + value(below, column.high) * column.share;
        out[at++] = first * (1 - row.share) + second * row.share;
      }
    }
  }
}

/** Between which two pixels each of `length` samples of a crop falls, and how near it is to the second. */
function samplesAlong(length: number, start: number, size: number): { low: number; high: number; share: number }[] {
  return Array.from({ length }, (_, i) => {
    const position = Math.max(0, ((i + 0.5) * size) / length - 0.5);
    const low = Math.min(Math.floor(position), size - 1);
    return { low: start + low, high: start + Math.min(low + 1, size - 1), share: position - low };
  });
}
