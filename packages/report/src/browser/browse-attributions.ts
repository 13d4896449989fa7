import type { AxisNames, ModelRecord } from '@espalier/analysis';
import type { Attributions, ChannelReduction, Entry, Labelled, Split } from '@espalier/core';
import { photoOf } from '../gallery/photo.ts';
import { resizeRaster, webp } from '../gallery/raster.ts';
import type { MapSize } from '../gallery/resample.ts';
import type { Explained } from './explained.ts';
import { type MapRow, mapRows, type TileMaps } from './map-rows.ts';
import { type ShownModel, shownMaps } from './shown-models.ts';
import { longestTile, paintSprite, type Sprite } from './sprite.ts';
import { fitted, strengthOf, tileMaps } from './tile-maps.ts';

/** Folder of the pictures, beside `report.html`. */
export const pictureFolder = 'report_files';

/** Where the maps of one image by one explainer are. */
export interface ImageMaps extends Pick<Sprite, 'across' | 'places'> {
  readonly file: string;
  readonly rows: readonly Pick<MapRow, 'sign' | 'part' | 'limit'>[];
  /** The class explained, by shown model. */
  readonly classes: readonly (number | null)[];
}

export interface BrowsedImage {
  readonly id: string;
  readonly label: number;
  /** Its place in the split, which names its files. */
  readonly index: number;
  readonly file: string;
  /** By explainer. */
  readonly maps: ReadonlyMap<string, ImageMaps>;
}

export interface BrowsedExplainer {
  /** As the study labels it, or as it calls itself in a study that does not. */
  readonly explainer: string;
  readonly explainerName: string;
  readonly preset: string;
  readonly reduction: ChannelReduction;
  /** As the study names it. */
  readonly use: string;
  /** What it told of each image of the shown models, by name. */
  readonly diagnostics: ReadonlyMap<string, readonly number[]>;
}

/** What the image browser shows; its pictures are files. */
export interface AttributionBrowser {
  readonly models: readonly ShownModel[];
  readonly explainers: readonly BrowsedExplainer[];
  readonly images: readonly BrowsedImage[];
  /** Height and width of a tile. */
  readonly size: MapSize;
  /** The maps have so few pixels that each should be seen. */
  readonly coarse: boolean;
}

/** Maps of at most this size are stored exactly and shown with square pixels. */
const coarseSize = 72;

/** As many numbers of maps are in memory at once: 256 MiB. More images are read in several passes. */
const numbersAtOnce = 2 ** 26;

/** Pictures that are painted while others are compressed in other threads. */
const picturesAtOnce = 4;

export interface BrowserOptions {
  readonly explained: Explained;
  /** Images to show, by their places in the split. */
  readonly indices: readonly number[];
  readonly tileSize: number;
  readonly axes: AxisNames;
}

/**
 * Paints the maps of the chosen images, one explainer and one attribution at a time, and hands each picture to `write` as it is done.
 *
 * @param write takes a file's name, its folder before it, and its bytes
 */
export async function browseAttributions(
  entries: readonly Entry<Labelled<Attributions>>[],
  models: readonly ModelRecord[],
  images: Split,
  { explained, indices, tileSize, axes }: BrowserOptions,
  write: (name: string, bytes: Uint8Array) => void,
): Promise<AttributionBrowser> {
  const shown = shownMaps(indices.length === 0 ? [] : entries, models, axes, explained.explainerOf);
  const size = fitted(images.height, images.width, Math.min(tileSize, longestTile(4 * shown.models.length)));
  const coarse = Math.max(...size) <= coarseSize;
  const mapsOf = new Map<number, Map<string, ImageMaps>>(indices.map((index) => [index, new Map()]));
  const explainers: BrowsedExplainer[] = [];
  for (const [place, [explainer, own]] of [...shown.entriesOf].entries()) {
    for (const part of chunks(indices, numbersAtOnce / (2 * size[0] * size[1] * shown.models.length))) {
      const { tiles, about } = await readTiles(
        own,
        part.map((index) => images.ids[index]!),
        size,
      );
      if (!explainers.some((known) => known.explainer === explainer)) explainers.push({ explainer, ...about });
      const paint = async (index: number, at: number): Promise<void> => {
        const ofImage = tiles.map((column) => column?.[at] ?? null);
        const rows = mapRows(
          ofImage,
          shown.models.map(({ dense }) => dense),
        );
        const { raster, across, places } = paintSprite(rows, size);
        const file = `${pictureFolder}/${index}-${place + 1}.webp`;
        const classes = ofImage.map((tile) => tile?.classIndex ?? null);
        if (classes.every((label) => label === null)) return;
        write(file, await webp(raster, coarse ? 'coarse' : 'map'));
        mapsOf.get(index)!.set(explainer, {
          file,
          across,
          places,
          rows: rows.map(({ sign, part, limit }) => ({ sign, part, limit })),
          classes,
        });
      };
      await severalAtOnce(part, paint);
    }
  }
  return {
    models: shown.models,
    explainers,
    images: await browsedImages(images, indices, { size, mapsOf, write }),
    size,
    coarse,
  };
}

/** By shown model and image, the maps that an explainer has; each attribution is let go before the next is read. */
async function readTiles(
  entries: readonly (Entry<Labelled<Attributions>> | undefined)[],
  ids: readonly string[],
  size: MapSize,
): Promise<{
  readonly tiles: readonly ((TileMaps | null)[] | null)[];
  readonly about: Omit<BrowsedExplainer, 'explainer'>;
}> {
  const tiles: ((TileMaps | null)[] | null)[] = [];
  let about: Omit<BrowsedExplainer, 'explainer'> | undefined;
  const diagnostics = new Map<string, readonly number[]>();
  for (const entry of entries) {
    const attributions = await entry?.load();
    tiles.push(attributions ? tileMaps(attributions, ids, size) : null);
    if (!entry || !attributions) continue;
    for (const [name, numbers] of Object.entries(attributions.diagnostics))
      diagnostics.set(name, [...(diagnostics.get(name) ?? []), ...numbers]);
    about ??= {
      use: entry.origin.use,
      diagnostics,
      explainerName: attributions.label.name,
      preset: attributions.preset,
      reduction: strengthOf(attributions),
    };
  }
  return { tiles, about: about! }; // each explainer has an entry
}

interface Photographed {
  readonly size: MapSize;
  readonly mapsOf: ReadonlyMap<number, ReadonlyMap<string, ImageMaps>>;
  readonly write: (name: string, bytes: Uint8Array) => void;
}

/** The images with their photographs, read one at a time. */
async function browsedImages(
  images: Split,
  indices: readonly number[],
  { size: [height, width], mapsOf, write }: Photographed,
): Promise<BrowsedImage[]> {
  const browsed = indices.filter((index) => mapsOf.get(index)!.size > 0);
  await severalAtOnce(browsed, async (index) => {
    const photo = resizeRaster(await photoOf(images, index), width, height);
    write(`${pictureFolder}/${index}.webp`, await webp(photo, 'photo'));
  });
  return browsed.map((index) => ({
    ...{ id: images.ids[index]!, label: images.labels[index]!, index },
    ...{ file: `${pictureFolder}/${index}.webp`, maps: mapsOf.get(index)! },
  }));
}

function chunks(values: readonly number[], size: number): (readonly number[])[] {
  const step = Math.max(1, Math.floor(size));
  return Array.from({ length: Math.ceil(values.length / step) }, (_, i) => values.slice(i * step, (i + 1) * step));
}

async function severalAtOnce(
  values: readonly number[],
  work: (value: number, at: number) => Promise<void>,
): Promise<void> {
  const waiting = values.entries();
  const next = async (): Promise<void> => {
    for (const [at, value] of waiting) await work(value, at);
  };
  await Promise.all(Array.from({ length: picturesAtOnce }, next));
}
