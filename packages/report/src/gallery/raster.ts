import sharp from 'sharp';

/** RGB bytes, or RGBA where something is transparent; row-major `h w c`. */
export interface Raster {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Bytes of an image in [0, 1], row-major `h w c` with three channels. */
export function rasterOf(values: Float32Array, height: number, width: number): Raster {
  const data = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) data[i] = Math.round(255 * Math.min(1, Math.max(0, values[i]!)));
  return { data, width, height };
}

/** The rectangle at (`top`, `left`), cut off at the raster's edges. */
export function cropRaster(raster: Raster, top: number, left: number, size: number): Raster {
  const height = Math.max(1, Math.min(size, raster.height - top));
  const width = Math.max(1, Math.min(size, raster.width - left));
  const data = new Uint8Array(height * width * 3);
  for (let y = 0; y < height; y++) {
    const start = ((top + y) * raster.width + left) * 3;
    data.set(raster.data.subarray(start, start + width * 3), y * width * 3);
  }
  return { data, width, height };
}

/** The raster at `width` x `height`; enlarging keeps pixels square-edged. */
export async function resizeRaster(raster: Raster, width: number, height: number): Promise<Raster> {
  if (raster.width === width && raster.height === height) return raster;
  const kernel = width > raster.width ? 'nearest' : 'lanczos3';
  const data = await sharp(raster.data, { raw: { width: raster.width, height: raster.height, channels: 3 } })
    .resize(width, height, { fit: 'fill', kernel })
    .raw()
    .toBuffer();
  return { data, width, height };
}

/** RGB rasters of equal height side by side in one RGBA raster, `gap` transparent pixels between them. */
export function joinRasters(rasters: readonly Raster[], gap = 0): Raster {
  const height = rasters[0]!.height;
  const width = rasters.reduce((sum, raster) => sum + raster.width, 0) + gap * (rasters.length - 1);
  const data = new Uint8Array(height * width * 4);
  let left = 0;
  for (const raster of rasters) {
    for (let i = 0; i < height * raster.width; i++) {
      const place = (Math.floor(i / raster.width) * width + left + (i % raster.width)) * 4;
      data.set(raster.data.subarray(3 * i, 3 * i + 3), place);
      data[place + 3] = 255;
    }
    left += raster.width + gap;
  }
  return { data, width, height };
}

/** A `data:` URI of the raster as WebP. */
export async function webpUri(raster: Raster, quality: number): Promise<string> {
  const { data, width, height } = raster;
  const channels = data.length === width * height * 4 ? 4 : 3;
  const webp = await sharp(data, { raw: { width, height, channels } })
    .webp({ quality, effort: 4, smartSubsample: true })
    .toBuffer();
  return `data:image/webp;base64,${webp.toString('base64')}`;
}
