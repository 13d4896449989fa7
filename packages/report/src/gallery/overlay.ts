import { type ColourMap, inferno } from './colour-maps.ts';
import type { Raster } from './raster.ts';

/** Bilinear enlargement of an `h w` map with half-pixel centres (edges held), row-major. */
export function enlarge(
  values: ArrayLike<number>,
  from: readonly [height: number, width: number],
  to: readonly [height: number, width: number],
): Float32Array {
  const rows = weightsAlong(from[0], to[0]);
  const columns = weightsAlong(from[1], to[1]);
  const result = new Float32Array(to[0] * to[1]);
  rows.forEach((row, y) => {
    columns.forEach((column, x) => {
      const at = (i: number, j: number) => values[i * from[1] + j]!;
      const top = at(row.low, column.low) * (1 - column.part) + at(row.low, column.high) * column.part;
      const bottom = at(row.high, column.low) * (1 - column.part) + at(row.high, column.high) * column.part;
      result[y * to[1] + x] = top * (1 - row.part) + bottom * row.part;
    });
  });
  return result;
}

function weightsAlong(from: number, to: number): { low: number; high: number; part: number }[] {
  return Array.from({ length: to }, (_, i) => {
    const place = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
    const low = Math.floor(place);
    return { low, high: Math.min(from - 1, low + 1), part: place - low };
  });
}

/** The photograph in grey with `strength` (in [0, 1], one per pixel) painted over it: opaque where it is strong. */
export function paintOver(photo: Raster, strength: Float32Array, map: ColourMap = inferno): Raster {
  const data = new Uint8Array(photo.data.length);
  for (let i = 0; i < strength.length; i++) {
    const [red, green, blue] = photo.data.subarray(3 * i, 3 * i + 3) as unknown as [number, number, number]; // three channels
    const grey = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    const clipped = Math.min(1, Math.max(0, strength[i]!));
    const step = Math.round(255 * clipped);
    const opacity = Math.min(0.85, 1.4 * clipped);
    for (let c = 0; c < 3; c++) data[3 * i + c] = Math.round((1 - opacity) * grey + opacity * map[3 * step + c]!);
  }
  return { data, width: photo.width, height: photo.height };
}
