import type { Crop, NdArray } from '@espalier/core';

/**
 * The crop resized to the size of its image, into `out`: bilinear, half-pixel centres, edges repeated, no smoothing
 * (`torch.nn.functional.interpolate`, `align_corners=False`).
 *
 * @param out row-major `h w c`, as large as one image
 */
export function resizeCropInto(out: Float32Array, images: NdArray<'n h w c'>, { image, top, left, size }: Crop): void {
  const [, height, width, channels] = images.shape as [number, number, number, number]; // 'n h w c' has four sizes
  const rowSize = width * channels;
  const start = (image * height + top) * rowSize + left * channels;
  const rows = samples(height, size);
  const columns = samples(width, size);
  const line = new Float64Array(size * channels);
  for (let y = 0; y < height; y++) {
    const above = start + rows.low[y]! * rowSize;
    const below = start + rows.high[y]! * rowSize;
    const down = rows.share[y]!;
    for (let i = 0; i < line.length; i++)
      line[i] = (1 - down) * images.data[above + i]! + down * images.data[below + i]!;
    for (let x = 0; x < width; x++) {
      const before = columns.low[x]! * channels;
      const after = columns.high[x]! * channels;
      const right = columns.share[x]!;
      const at = y * rowSize + x * channels;
      for (let c = 0; c < channels; c++) out[at + c] = (1 - right) * line[before + c]! + right * line[after + c]!;
    }
  }
}

/** Between which two of `size` pixels each of `length` samples falls, and how near it is to the second. */
function samples(length: number, size: number): { low: Int32Array; high: Int32Array; share: Float64Array } {
  const positions = Float64Array.from({ length }, (_, i) => Math.max(0, ((i + 0.5) * size) / length - 0.5));
  const low = Int32Array.from(positions);
  return { low, high: low.map((pixel) => Math.min(pixel + 1, size - 1)), share: positions.map((x, i) => x - low[i]!) };
}
