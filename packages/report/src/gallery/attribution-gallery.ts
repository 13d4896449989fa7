import { type AxisNames, compareOrigins, type ModelRecord, modelOf } from '@espalier/analysis';
import {
  type Attributions,
  type ChannelReduction,
  type Entry,
  type Labelled,
  reduceChannels,
  rows,
  type Split,
  sizeOf,
  takeRows,
} from '@espalier/core';
import { quantile } from '@espalier/numerics';
import { paintMagnitude, paintSigned } from './colour-maps.ts';
import { type Raster, rasterOf, resizeRaster, webpUri } from './raster.ts';
import { shrink } from './resample.ts';

/** Two views of one attribution of one image. */
export interface AttributionTile {
  readonly signed: string;
  readonly magnitude: string;
  readonly classIndex: number;
}

/** The maps of one explainer on one model, by sample id. */
export interface AttributionColumn {
  readonly model: ModelRecord | null;
  readonly instance: string;
  /** As the study labels it, or as it calls itself in a study that does not. */
  readonly explainer: string;
  readonly explainerName: string;
  readonly preset: string;
  readonly reduction: ChannelReduction;
  readonly tiles: ReadonlyMap<string, AttributionTile>;
}

export interface GalleryPhoto {
  readonly id: string;
  readonly label: number;
  readonly uri: string;
}

export interface AttributionGallery {
  readonly photos: readonly GalleryPhoto[];
  readonly columns: readonly AttributionColumn[];
  /** The maps have so few pixels that each should be seen. */
  readonly coarse: boolean;
}

/** Maps of at most this size are stored exactly and shown with square pixels. */
const coarseSize = 72;

/** Each map's colours end at this quantile of its absolute values: a few extreme pixels would hide the rest. */
export const colourLimitQuantile = 0.99;

/** Renders the maps of the chosen images, one attribution at a time; of several seeds the first. */
export async function renderAttributions(
  entries: readonly Entry<Labelled<Attributions>>[],
  models: readonly ModelRecord[],
  images: Split,
  options: { readonly indices: readonly number[]; readonly tileSize: number; readonly axes: AxisNames },
): Promise<AttributionGallery> {
  const { indices, tileSize, axes } = options;
  // Together: pictures are compressed in other threads while the next are painted.
  const photos = await Promise.all(
    indices.map(async (index): Promise<GalleryPhoto> => {
      const photo = await photoOf(images, index);
      const [height, width] = fitted(photo.height, photo.width, tileSize);
      const uri = await webpUri(resizeRaster(photo, width, height), 'photo');
      return { id: images.ids[index]!, label: images.labels[index]!, uri };
    }),
  );
  const columns: AttributionColumn[] = [];
  for (const entry of firstSeed(entries, axes)) {
    const column = await renderColumn(entry, modelOf(entry.origin, models), photos, options);
    if (column.tiles.size > 0) columns.push(column);
  }
  const coarse = Math.max(...fitted(images.height, images.width, tileSize)) <= coarseSize;
  return { photos, columns, coarse };
}

/** The entries of the first seed (by order of labels) that the study has. */
export function firstSeed<Value>(entries: readonly Entry<Value>[], axes: AxisNames): Entry<Value>[] {
  const sorted = [...entries].sort((a, b) => compareOrigins(a.origin, b.origin));
  const seed = sorted.find(({ origin }) => origin.labels[axes.seed] !== undefined)?.origin.labels[axes.seed];
  return sorted.filter(({ origin }) => (origin.labels[axes.seed] ?? seed) === seed);
}

async function renderColumn(
  entry: Entry<Labelled<Attributions>>,
  model: ModelRecord | null,
  photos: readonly GalleryPhoto[],
  { tileSize, axes }: { readonly tileSize: number; readonly axes: AxisNames },
): Promise<AttributionColumn> {
  const attributions = await entry.load();
  const absolute = attributions.reduction === 'sum' ? 'abs-sum' : attributions.reduction;
  const shown = photos.map(({ id }) => ({ id, row: attributions.ids.indexOf(id) })).filter(({ row }) => row >= 0);
  const tiles = await Promise.all(
    shown.map(async ({ id, row }): Promise<[string, AttributionTile]> => {
      const one = { ...attributions, values: rows(attributions.values, row, row + 1) };
      const [signed, magnitude] = await Promise.all([
        mapUri(reduceChannels(one, 'sum'), paintSigned, tileSize),
        mapUri(reduceChannels(one, absolute), paintMagnitude, tileSize),
      ]);
      return [id, { signed, magnitude, classIndex: attributions.classIndex[row]! }];
    }),
  );
  const { preset, label } = attributions;
  const explainer = entry.origin.labels[axes.explainer]?.toString() ?? label.name;
  return {
    ...{ model, instance: entry.origin.instance, explainer, explainerName: label.name, preset },
    ...{ reduction: absolute, tiles: new Map(tiles) },
  };
}

type Paint = (values: Float32Array, limit: number) => Uint8Array;

async function mapUri(
  map: { readonly data: Float32Array; readonly shape: readonly number[] },
  paint: Paint,
  tileSize: number,
): Promise<string> {
  const [, height, width] = map.shape as [number, number, number]; // 'n h w' has three sizes
  const to = fitted(height, width, tileSize);
  const values = to[0] < height || to[1] < width ? shrink(map.data, [height, width], to) : map.data;
  const limit = quantile(values.map(Math.abs), colourLimitQuantile) || 1;
  const kind = Math.max(...to) <= coarseSize ? 'coarse' : 'map';
  return webpUri({ data: paint(values, limit), height: to[0], width: to[1] }, kind);
}

/** Height and width with the longer side at `size` at most; small maps stay as they are. */
function fitted(height: number, width: number, size: number): [height: number, width: number] {
  const scale = Math.min(1, size / Math.max(width, height));
  return [Math.max(1, Math.round(height * scale)), Math.max(1, Math.round(width * scale))];
}

/** One image of the split as bytes. */
export async function photoOf(images: Split, index: number): Promise<Raster> {
  const batch = await images.images([index]);
  const [, height, width] = batch.shape as [number, number, number, number]; // 'n h w c' has four sizes
  return rasterOf(takeRows(batch, [0]).data.subarray(0, sizeOf([height, width, 3])), height, width);
}
