import {
  type ConceptBank,
  type ConceptImages,
  type Crop,
  deriveSeed,
  layerNamed,
  type Model,
  type NdArray,
  ndArray,
  placesOfLayer,
  rows,
  type Services,
  scoredImages,
} from '@espalier/core';
import { relativeError } from './factorisation/factorise.ts';
import { nonNegativeCodes } from './factorisation/non-negative-codes.ts';
import { craftTorchImportance } from './importance/halton.ts';
import { conceptImportance, type Design } from './importance/importance.ts';
import { type Matrix, takeMatrixRows, zeros } from './matrix.ts';
import { expectSigns, type Negative, pooledActivations } from './pooled-activations.ts';
import { hasNegative, signedDirections } from './signed-directions.ts';

/** Directions of concepts, and how the search for them ended. */
export interface FoundDirections {
  /** V = W', d r. */
  readonly directions: Matrix;
  readonly iterations: number;
  readonly stop: ConceptBank['factorisation']['stop'];
}

/** What is asked: concepts of `crops` of `images` at `layer`. */
export interface BankTask {
  readonly model: Model;
  readonly images: ConceptImages;
  /** Places of the images that directions are found in; absent takes all. */
  readonly learnedFrom?: readonly number[];
  readonly crops: readonly Crop[];
  readonly layer: string;
  readonly negative: Negative;
  /** Concepts explain only a part of the image: importance is measured with the unexplained rest in place. */
  readonly keepRest: boolean;
  /** Concept directions for the activations of the crops of these images, p d, none of them negative; tells the part of the search that is done. */
  readonly find: (activations: Matrix, told: Told) => FoundDirections;
  readonly told: Told;
}

/** Hears which part of some work is done, in (0, 1]. */
export type Told = (part: number) => void;

/** Hears the same of one of several steps, which count alike. */
export function ofStep(told: Told, step: number, steps: number): Told {
  return (part) => told((step + part) / steps);
}

/**
 * How importance is measured: by scrambled designs that state their error, as Craft's PyTorch code does, which states
 * none, or (null) not at all, which leaves concepts in the order found.
 */
export type ImportanceDesign = Omit<Design, 'seed'> | 'craft-torch' | null;

/** The concepts of one layer, most important first, without children. @param design of the masks */
export async function conceptBank(task: BankTask, design: ImportanceDesign, services: Services): Promise<ConceptBank> {
  const { images, crops, layer, learnedFrom } = task;
  const isPart = learnedFrom !== undefined && learnedFrom.length < images.ids.length;
  const bank = { classIndex: images.classIndex, layer, ids: images.ids, crops, ...(isPart && { learnedFrom }) };
  // Crops, directions and images: which of them takes longest depends on the layer.
  const [toldCrops, toldSearch, toldImages] = [0, 1, 2].map((step) => ofStep(task.told, step, 3)) as [Told, Told, Told];
  const activations = await pooledActivations({ ...task, images: images.images }, (done) => {
    services.signal.throwIfAborted();
    toldCrops(done / crops.length);
  });
  const learnt = cropsOf(crops, learnedFrom ?? [...images.ids.keys()]);
  const found = signedDirections(activations, (parts) => task.find(takeMatrixRows(parts, learnt), toldSearch));
  const directions = unitColumns(found.directions);
  const codes = nonNegativeCodes(activations, directions);
  const scored = scoredImages(bank);
  const { maps, importance, error } = await measureImages(
    { ...task, scored, told: toldImages },
    directions,
    design,
    services,
  );
  const scoredCrops = cropsOf(crops, scored);
  const order = byMeanImportance(importance);
  const rank = directions.columns;
  return {
    ...bank,
    dictionary: dictionaryOf(directions, order),
    codes: ordered(ndArray('p r', [crops.length, rank], Float32Array.from(codes.data)), order),
    maps: ordered(maps, order),
    importance: ordered(importance, order),
    importanceError: ordered(error, order),
    reconstructionError: relativeError(
      takeMatrixRows(activations, scoredCrops),
      takeMatrixRows(codes, scoredCrops),
      directions,
    ),
    factorisation: { iterations: found.iterations, stop: found.stop },
    children: [],
  };
}

/** Which crops are of the images at `places`. */
function cropsOf(crops: readonly Crop[], places: readonly number[]): readonly number[] {
  const wanted = new Set(places);
  return [...crops.keys()].filter((p) => wanted.has(crops[p]!.image));
}

interface Measured {
  readonly maps: NdArray<'n h w r'>;
  readonly importance: NdArray<'n r'>;
  readonly error: NdArray<'n r'>;
}

/** Codes at every place of every image, and what they matter to the class in those that are scored. */
async function measureImages(
  { model, images, layer, negative, keepRest, told, scored }: BankTask & { readonly scored: readonly number[] },
  directions: Matrix,
  design: ImportanceDesign,
  { seed, signal }: Services,
): Promise<Measured> {
  const { height, width, leading } = placesOfLayer(layerNamed(model.layers, layer));
  const [count, rank] = [images.ids.length, directions.columns];
  const maps = ndArray('n h w r', [count, height, width, rank]);
  const importance = ndArray('n r', [design ? scored.length : 0, rank]);
  const error = ndArray('n r', [design === 'craft-torch' ? 0 : importance.shape[0]!, rank]);
  const head = { model, layer, classIndex: images.classIndex };
  for (let n = 0; n < count; n++) {
    if (n > 0) told(n / count);
    signal.throwIfAborted();
    const { data } = await model.activations(rows(images.images, n, n + 1), layer);
    const first = leading * directions.rows;
    expectSigns(data.subarray(first), layer, negative);
    const places = { rows: height * width, columns: directions.rows, data: Float64Array.from(data.subarray(first)) };
    const codes = Float32Array.from(nonNegativeCodes(places, directions).data);
    maps.data.set(codes, n * codes.length);
    const row = scored.indexOf(n);
    if (!design || row < 0) continue;
    const rest = keepRest && { rest: unexplained(places, codes, directions) };
    const image = { codes, leading: data.subarray(0, first), isSigned: hasNegative(places.data), ...rest };
    if (design === 'craft-torch') {
      importance.data.set(await craftTorchImportance(head, image, directions), row * rank);
      continue;
    }
    // Each image has a design of its own, so that what one design misses averages out over images.
    const own = { ...design, seed: deriveSeed(seed, 'importance', images.ids[n]!) };
    const measured = await conceptImportance(head, image, directions, own);
    importance.data.set(measured.importance, row * rank);
    error.data.set(measured.error, row * rank);
  }
  told(1);
  return { maps, importance, error };
}

/** Activations minus what the codes rebuild. */
function unexplained({ rows, columns, data }: Matrix, codes: Float32Array, V: Matrix): Float32Array {
  const rank = V.columns;
  return Float32Array.from({ length: rows * columns }, (_, i) => {
    const [place, d] = [Math.floor(i / columns), i % columns];
    let rest = data[i]!;
    for (let k = 0; k < rank; k++) rest -= codes[place * rank + k]! * V.data[d * rank + k]!;
    return rest;
  });
}

/** Columns scaled to Euclidean norm 1, so that codes of different concepts compare; a column of zeros stays. */
function unitColumns({ rows, columns, data }: Matrix): Matrix {
  const scaled = zeros(rows, columns);
  for (let k = 0; k < columns; k++) {
    let squares = 0;
    for (let d = 0; d < rows; d++) squares += data[d * columns + k]! ** 2;
    const scale = squares === 0 ? 0 : 1 / Math.sqrt(squares);
    for (let d = 0; d < rows; d++) scaled.data[d * columns + k] = scale * data[d * columns + k]!;
  }
  return scaled;
}

/** Concepts by falling mean importance; ties keep their order. */
function byMeanImportance({ data, shape }: NdArray<'n r'>): readonly number[] {
  const [, rank] = shape as [number, number]; // 'n r' has two sizes
  const sums = new Float64Array(rank);
  data.forEach((value, i) => {
    sums[i % rank]! += value;
  });
  return [...sums.keys()].sort((a, b) => sums[b]! - sums[a]! || a - b);
}

/** The same array with its last axis in the given order. */
function ordered<Axes extends string>(array: NdArray<Axes>, order: readonly number[]): NdArray<Axes> {
  const rank = order.length;
  const data = array.data.map((_, i) => array.data[i - (i % rank) + order[i % rank]!]!);
  return ndArray(array.axes, array.shape, data);
}

function dictionaryOf({ rows, columns, data }: Matrix, order: readonly number[]): NdArray<'r d'> {
  const dictionary = ndArray('r d', [columns, rows]);
  order.forEach((k, row) => {
    for (let d = 0; d < rows; d++) dictionary.data[row * rows + d] = data[d * columns + k]!;
  });
  return dictionary;
}
