import { matrixColumn } from '@espalier/analysis';
import { type ColourMap, inferno } from './colour-maps.ts';
import { enlarge, shrink } from './resample.ts';

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

/** The RGB raster at `width` x `height`: areas averaged where it shrinks, bilinear where it grows. */
export function resizeRaster(raster: Raster, width: number, height: number): Raster {
  if (raster.width === width && raster.height === height) return raster;
  const resample = width * height < raster.width * raster.height ? shrink : enlarge;
  const data = new Uint8Array(width * height * 3);
  for (let c = 0; c < 3; c++) {
    const channel = matrixColumn(raster.data, 3, c);
    const resized = resample(channel, [raster.height, raster.width], [height, width]);
    for (let i = 0; i < resized.length; i++) data[3 * i + c] = Math.round(resized[i]!);
  }
  return { data, width, height };
}

/** RGB rasters of equal height side by side in one RGBA raster, `gap` transparent pixels between them. */
export function joinRasters(rasters: readonly Raster[], gap = 0): Raster {
  const height = rasters[0]!.height;
  const width = rasters.reduce((sum, raster) => sum + raster.width, 0) + gap * (rasters.length - 1);
  const data = new Uint8Array(height * width * 4);
  let left = 0;
  for (const raster of rasters) {
    for (let y = 0; y < height; y++) {
      let from = y * raster.width * 3;
      let to = (y * width + left) * 4;
      for (let x = 0; x < raster.width; x++, from += 3, to += 4) {
        data[to] = raster.data[from]!;
        data[to + 1] = raster.data[from + 1]!;
        data[to + 2] = raster.data[from + 2]!;
        data[to + 3] = 255;
      }
    }
    left += raster.width + gap;
  }
  return { data, width, height };
}

/** How a picture is compressed. Coarse maps are kept exactly. There are many maps: more effort takes minutes and saves little. */
export const compression = {
  photo: { quality: 80, effort: 2 },
  strip: { quality: 74, effort: 2 },
  coarse: { lossless: true, effort: 1 },
  map: { quality: 75, effort: 1 },
} as const;

/** The raster as WebP. */
export async function webp({ data, width, height }: Raster, kind: keyof typeof compression): Promise<Buffer> {
  const channels = data.length === width * height * 4 ? 4 : 3;
  const { default: sharp } = await import('sharp'); // takes long to load, and a report that is there needs none
  return sharp(data, { raw: { width, height, channels } }).webp(compression[kind]).toBuffer();
}

/** The photograph in grey with `strength` (in [0, 1], one per pixel) painted over it: opaque where it is strong. */
export function paintOver(photo: Raster, strength: Float32Array, map: ColourMap = inferno): Raster {
  const data = new Uint8Array(photo.data.length);
  for (let i = 0; i < strength.length; i++) {
    const grey = 0.2126 * photo.data[3 * i]! + 0.7152 * photo.data[3 * i + 1]! + 0.0722 * photo.data[3 * i + 2]!;
    const clipped = Math.min(1, Math.max(0, strength[i]!));
    const step = Math.round(255 * clipped);
    const opacity = Math.min(0.75, 1.4 * clipped);
    for (let c = 0; c < 3; c++) data[3 * i + c] = Math.round((1 - opacity) * grey + opacity * map[3 * step + c]!);
  }
  return { data, width: photo.width, height: photo.height };
}
