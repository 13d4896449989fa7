import { type Attributions, type ChannelReduction, reduceChannels, rows } from '@espalier/core';
import { type MapSize, shrink } from '../gallery/resample.ts';
import type { TileMaps } from './map-rows.ts';

/** How an explainer's maps become strengths: as it reads them, without the sign where it keeps that. */
export function strengthOf({ reduction }: Pick<Attributions, 'reduction'>): ChannelReduction {
  return reduction === 'sum' ? 'abs-sum' : reduction;
}

/** The maps of the samples `ids`, reduced over channels and shrunk to `size`; null where there are none of a sample. */
export function tileMaps(attributions: Attributions, ids: readonly string[], size: MapSize): (TileMaps | null)[] {
  const rowOf = new Map(attributions.ids.map((id, row) => [id, row]));
  return ids.map((id) => {
    const row = rowOf.get(id);
    if (row === undefined) return null;
    const one = { ...attributions, values: rows(attributions.values, row, row + 1) };
    const map = (reduction: ChannelReduction) => shrunk(reduceChannels(one, reduction), size);
    return { maps: { signed: map('sum'), magnitude: map(strengthOf(one)) }, classIndex: attributions.classIndex[row]! };
  });
}

function shrunk(
  { data, shape }: { readonly data: Float32Array; readonly shape: readonly number[] },
  size: MapSize,
): Float32Array {
  const [, height, width] = shape as [number, number, number]; // 'n h w' has three sizes
  return height === size[0] && width === size[1] ? data : shrink(data, [height, width], size);
}

/** Height and width with the longer side at `longest` at most; small maps stay as they are. */
export function fitted(height: number, width: number, longest: number): MapSize {
  const scale = Math.min(1, longest / Math.max(width, height));
  return [Math.max(1, Math.round(height * scale)), Math.max(1, Math.round(width * scale))];
}
