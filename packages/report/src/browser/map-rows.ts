import { quickselect } from 'd3-array';

/** How a map is read: with its signs, or as the strength that its explainer means. */
export type Sign = 'signed' | 'magnitude';

/** The maps of one image on one model, shrunk to a tile. */
export interface TileMaps {
  readonly maps: Readonly<Record<Sign, Float32Array>>;
  readonly classIndex: number;
}

/** Maps that share a scale: those of one image by one explainer in one reading, or their differences to dense. */
export interface MapRow {
  readonly sign: Sign;
  readonly part: 'map' | 'difference';
  /** By shown model; null where there is none. */
  readonly values: readonly (Float32Array | null)[];
  /** Where the colours end, in the unit of the attributions; above 0. */
  readonly limit: number;
}

/** Colours end at this quantile of all absolute values of a row: a few extreme pixels would hide the rest. */
export const colourLimitQuantile = 0.99;

/**
 * Four rows: the maps in both readings, each with the differences to dense. A difference is of maps that explain the same class.
 *
 * @param denseOf by shown model, the place of the one that its maps are held against
 */
export function mapRows(tiles: readonly (TileMaps | null)[], denseOf: readonly (number | null)[]): MapRow[] {
  return (['signed', 'magnitude'] as const).flatMap((sign) => {
    const maps = tiles.map((tile) => tile?.maps[sign] ?? null);
    const differences = tiles.map((tile, i) => {
      const place = denseOf[i];
      const dense = place === null || place === undefined ? null : tiles[place];
      if (!tile || !dense || tile.classIndex !== dense.classIndex) return null;
      return tile.maps[sign].map((value, at) => value - dense.maps[sign][at]!);
    });
    return [row(sign, 'map', maps), row(sign, 'difference', differences)];
  });
}

function row(sign: Sign, part: MapRow['part'], values: MapRow['values']): MapRow {
  return { sign, part, values, limit: limitOf(values.flatMap((one) => one ?? [])) };
}

/** The quantile of the absolute values of all `maps` together (nearest rank); 1 where all is 0. */
export function limitOf(maps: readonly Float32Array[]): number {
  const all = new Float32Array(maps.reduce((sum, { length }) => sum + length, 0));
  let start = 0;
  for (const map of maps) {
    for (let i = 0; i < map.length; i++) all[start + i] = Math.abs(map[i]!);
    start += map.length;
  }
  if (all.length === 0) return 1;
  const rank = Math.ceil(colourLimitQuantile * all.length) - 1;
  return quickselect(all, rank)[rank]! || 1;
}
