import {
  type AxisNames,
  type BankSummary,
  type ConceptSummary,
  type ModelRecord,
  matrixColumn,
  modelOf,
  rankedConcepts,
  summariseBank,
} from '@espalier/analysis';
import { bankForm, type ConceptBank, type Entry, type Labelled, type Split, scoredImages } from '@espalier/core';
import { firstOf } from '../browser/shown-models.ts';
import { photoOf } from './photo.ts';
import { cropRaster, joinRasters, paintOver, type Raster, resizeRaster, webp } from './raster.ts';
import { enlarge } from './resample.ts';

/** One concept as the page shows it: its strongest crops and where it is strong, each in one picture. */
export interface ConceptView {
  readonly summary: ConceptSummary;
  /** Sample ids of the crops, strongest first. */
  readonly cropIds: readonly string[];
  readonly crops: string | null;
  readonly mapIds: readonly string[];
  readonly maps: string | null;
  readonly children: readonly ConceptView[];
  /** Layer in which the children were found. */
  readonly childLayer: string | null;
}

/** The concepts of one class in one model. */
export interface ConceptPanel {
  readonly instance: string;
  readonly model: ModelRecord | null;
  readonly bank: BankSummary;
  /** The layer has one place per image, so concepts have no maps. */
  readonly placeless: boolean;
  /** Concepts may lower features of the layer, too. */
  readonly isSigned: boolean;
  /** Places may lie against a concept's direction, too. */
  readonly hasSignedCodes: boolean;
  readonly concepts: readonly ConceptView[];
  /** Crops and maps left out because their image is not among the explained ones. */
  readonly missing: number;
}

export interface ConceptLimits {
  readonly classes: ReadonlySet<number>;
  readonly conceptsPerClass: number;
  readonly topCrops: number;
  readonly conceptMaps: number;
  readonly axes: AxisNames;
}

const cropSize = 64;
const mapSize = 104;
const gap = 4;

/** Renders the most important concepts of each class, reading one entry at a time; of several seeds the first. */
export async function renderConcepts(
  entries: readonly Entry<readonly Labelled<ConceptBank>[]>[],
  models: readonly ModelRecord[],
  images: Split,
  limits: ConceptLimits,
): Promise<ConceptPanel[]> {
  const indexOf = new Map(images.ids.map((id, index) => [id, index]));
  const panels: Promise<ConceptPanel>[] = [];
  for (const entry of firstOf(entries, limits.axes.seed)) {
    const model = modelOf(entry.origin, models);
    for (const bank of await entry.load()) {
      if (!limits.classes.has(bank.classIndex)) continue;
      const photos = new ImageCache(images, indexOf);
      // Two at once: one is painted while the pictures of the other are compressed.
      await panels.at(-2);
      const panel = renderBank(bank, { instance: entry.origin.instance, model }, photos, limits);
      panel.catch(() => {}); // told when all are awaited
      panels.push(panel);
    }
  }
  return Promise.all(panels);
}

async function renderBank(
  bank: Labelled<ConceptBank>,
  of: Pick<ConceptPanel, 'instance' | 'model'>,
  photos: ImageCache,
  limits: ConceptLimits,
): Promise<ConceptPanel> {
  const summary = summariseBank(bank, bank.preset);
  // Together: pictures are compressed in other threads while the next are painted.
  const concepts = await Promise.all(
    summary.concepts.slice(0, limits.conceptsPerClass).map((concept) => renderConcept(bank, concept, photos, limits)),
  );
  return {
    ...of,
    bank: summary,
    hasSignedCodes: bankForm(bank.form).codes === 'signed',
    isSigned: bank.dictionary.data.some((value) => value < 0),
    placeless: bank.maps.shape[1] === 1 && bank.maps.shape[2] === 1,
    concepts,
    missing: photos.missing,
  };
}

async function renderConcept(
  bank: ConceptBank,
  summary: ConceptSummary,
  photos: ImageCache,
  limits: ConceptLimits,
): Promise<ConceptView> {
  const crops = await topCrops(bank, summary.concept, photos, limits.topCrops);
  const maps = await topMaps(bank, summary.concept, photos, limits.conceptMaps);
  const child = bank.children.find(({ concept }) => concept === summary.concept);
  const few = { ...limits, topCrops: Math.min(4, limits.topCrops), conceptMaps: 0 };
  const parts = child ? rankedConcepts(child.bank).slice(0, 3) : [];
  const [cropStrip, mapStrip, ...children] = await Promise.all([
    strip(crops),
    strip(maps),
    ...parts.map((part) => renderConcept(child!.bank, part, photos, few)),
  ]);
  return {
    summary,
    cropIds: crops.map(({ id }) => id),
    crops: cropStrip,
    mapIds: maps.map(({ id }) => id),
    maps: mapStrip,
    children,
    childLayer: child?.bank.layer ?? null,
  };
}

interface NamedRaster {
  readonly id: string;
  readonly raster: Raster;
}

async function strip(parts: readonly NamedRaster[]): Promise<string | null> {
  if (parts.length === 0) return null;
  const rasters = parts.map(({ raster }) => raster);
  const picture = await webp(joinRasters(rasters, gap), 'strip');
  return `data:image/webp;base64,${picture.toString('base64')}`;
}

async function topCrops(bank: ConceptBank, concept: number, photos: ImageCache, limit: number): Promise<NamedRaster[]> {
  const scored = new Set(scoredImages(bank));
  const codes = matrixColumn(bank.codes.data, bank.codes.shape[1]!, concept);
  const strengths = codes.map((code, p) => (scored.has(bank.crops[p]!.image) ? code : 0));
  const crops: NamedRaster[] = [];
  for (const index of strongest(strengths, limit)) {
    const { image, top, left, size } = bank.crops[index]!;
    const id = bank.ids[image]!;
    const photo = await photos.get(id);
    if (photo) crops.push({ id, raster: resizeRaster(cropRaster(photo, top, left, size), cropSize, cropSize) });
  }
  return crops;
}

async function topMaps(bank: ConceptBank, concept: number, photos: ImageCache, limit: number): Promise<NamedRaster[]> {
  const [count, height, width, concepts] = bank.maps.shape as [number, number, number, number]; // 'n h w r' has four sizes
  const all = matrixColumn(bank.maps.data, concepts, concept);
  const peak = all.reduce((most, value) => Math.max(most, value), 0) || 1;
  const places = height * width;
  if (places === 1) return []; // one place per image: there is nothing to say where
  const scored = new Set(scoredImages(bank));
  const totals = Array.from({ length: count }, (_, n) =>
    !scored.has(n) ? 0 : all.subarray(n * places, (n + 1) * places).reduce((sum, value) => sum + Math.max(0, value), 0),
  );
  const maps: NamedRaster[] = [];
  for (const image of strongest(totals, limit)) {
    const id = bank.ids[image]!;
    const photo = await photos.small(id);
    if (!photo) continue;
    const strength = enlarge(all.subarray(image * places, (image + 1) * places), [height, width], [mapSize, mapSize]);
    maps.push({
      id,
      raster: paintOver(
        photo,
        strength.map((value) => value / peak),
      ),
    });
  }
  return maps;
}

/** Indices of the `limit` largest positive values, largest first; ties go to the lower index. */
export function strongest(values: ArrayLike<number>, limit: number): number[] {
  return Array.from({ length: values.length }, (_, index) => index)
    .filter((index) => values[index]! > 0)
    .sort((a, b) => values[b]! - values[a]! || a - b)
    .slice(0, limit);
}

/** Images by sample id, each read and shrunk once; counts what is asked for and not there. */
class ImageCache {
  readonly #images: Split;
  readonly #indexOf: ReadonlyMap<string, number>;
  readonly #photos = new Map<string, Promise<Raster>>();
  readonly #small = new Map<string, Promise<Raster>>();
  missing = 0;

  constructor(images: Split, indexOf: ReadonlyMap<string, number>) {
    this.#images = images;
    this.#indexOf = indexOf;
  }

  async get(id: string): Promise<Raster | null> {
    const index = this.#indexOf.get(id);
    if (index !== undefined) return madeOnce(this.#photos, id, () => photoOf(this.#images, index));
    this.missing++;
    return null;
  }

  /** At the size of maps. */
  async small(id: string): Promise<Raster | null> {
    const photo = await this.get(id);
    return photo && madeOnce(this.#small, id, async () => resizeRaster(photo, mapSize, mapSize));
  }
}

function madeOnce<Value>(made: Map<string, Promise<Value>>, id: string, make: () => Promise<Value>): Promise<Value> {
  const value = made.get(id) ?? make();
  made.set(id, value);
  return value;
}
