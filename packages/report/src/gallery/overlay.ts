import { type ColourMap, inferno } from './colour-maps.ts';
import type { Raster } from './raster.ts';

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
