import { paintMagnitude, paintSigned } from '../gallery/colour-maps.ts';
import type { Raster } from '../gallery/raster.ts';
import type { MapSize } from '../gallery/resample.ts';
import type { MapRow } from './map-rows.ts';

/** All maps of one image by one explainer, side by side in one picture. */
export interface Sprite {
  readonly raster: Raster;
  /** Tiles in a line of the picture. */
  readonly across: number;
  /** By row and shown model, which tile it is, counted line by line; null where there is none. */
  readonly places: readonly (readonly (number | null)[])[];
}

/** Longest side of a picture that WebP takes. */
const longestSide = 16383;

/** Tiles in a line, for pictures near a square. */
export function tilesAcross(count: number): number {
  return Math.max(1, Math.ceil(Math.sqrt(count)));
}

/** The longest side that each of `count` tiles may have, so that one picture takes them all. */
export function longestTile(count: number): number {
  return Math.floor(longestSide / tilesAcross(count));
}

/** Paints the maps of `rows`, each of `size`, as tiles of one picture: rows after each other, without gaps. */
export function paintSprite(rows: readonly MapRow[], [height, width]: MapSize): Sprite {
  let count = 0;
  const places = rows.map(({ values }) => values.map((map) => (map ? count++ : null)));
  const across = tilesAcross(count);
  const total = across * width;
  const data = new Uint8Array(3 * total * height * Math.max(1, Math.ceil(count / across)));
  for (const [i, { values, sign, part, limit }] of rows.entries()) {
    const paint = sign === 'magnitude' && part === 'map' ? paintMagnitude : paintSigned;
    for (const [j, map] of values.entries()) {
      if (!map) continue;
      const place = places[i]![j]!;
      const pixels = paint(map, limit);
      const start = 3 * (Math.floor(place / across) * height * total + (place % across) * width);
      for (let y = 0; y < height; y++) {
        data.set(pixels.subarray(3 * y * width, 3 * (y + 1) * width), start + 3 * y * total);
      }
    }
  }
  return { raster: { data, width: total, height: data.length / (3 * total) }, across, places };
}
