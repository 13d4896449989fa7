import {
  type BankForm,
  bankForm,
  type ConceptBank,
  type ConceptImages,
  type Crop,
  deriveSeed,
  expectFinite,
  layerNamed,
  type Model,
  type NdArray,
  ndArray,
  placesOfLayer,
  rows,
  type Services,
  scoredImages,
} from '@espalier/core';
import { meanActivations } from '@espalier/images';
import {
  conceptImportance,
  type Design,
  type Head,
  type ImageCodes,
  type Importance,
} from './importance/importance.ts';
import { isLinearInMasks, linearImportance } from './importance/linear-importance.ts';
import { type Matrix, takeMatrixRows } from './matrix.ts';
import { ofStep, type Told } from './told.ts';

/** Directions of concepts, what they are added to, and how codes are found for them. */
export interface Dictionary {
  /** V = W', d r. */
  readonly directions: Matrix;
  /** What stands for the activations where all codes are 0, `d` values; absent: zero. */
  readonly offset?: Float64Array;
  /** Codes of rows of activations, n d to n r: of each row by itself, whatever is beside it. */
  readonly encode: (rows: Matrix) => Matrix;
  /** One per concept, where the bank's form says that they have names. */
  readonly names?: readonly string[];
  readonly iterations: number;
  readonly stop: ConceptBank['factorisation']['stop'];
}

/** What a dictionary is learned from: rows of activations, p d, and which of them are of images to learn from. */
export interface Learning {
  readonly activations: Matrix;
  readonly learnt: readonly number[];
}

/** How the importance of concepts is measured in one image; absent where it states no error. */
export type Measures = (
  head: Head,
  image: ImageCodes,
  directions: Matrix,
  id: string,
) => Promise<Pick<Importance, 'importance'> & Partial<Importance>>;

/** What is asked: concepts of `crops` of `images` at `layer`. */
export interface BankTask {
  readonly model: Model;
  readonly images: ConceptImages;
  /** Places of the images that directions are found in; absent takes all. */
  readonly learnedFrom?: readonly number[];
  readonly crops: readonly Crop[];
  readonly layer: string;
  /** As the plugin's `banks`. */
  readonly form?: Partial<BankForm>;
  /** Looks at the activations of a crop, or of an image, and throws at finite ones that cannot be used. */
  readonly refuse?: (places: Float32Array) => void;
  /** Concepts explain only a part of the image: importance is measured with the unexplained rest in place. */
  readonly keepRest?: boolean;
  /** Learns from every place of the images, instead of from the mean of each crop over its places. */
  readonly fromPlaces?: boolean;
  readonly learn: (from: Learning, told: Told) => Dictionary | Promise<Dictionary>;
  /** Null leaves importance out, and concepts in the order found. */
  readonly measure: Measures | null;
  readonly told: Told;
}

/**
 * The total Sobol index of each concept: in closed form where the rest of the network is affine, else from a design of its own for every
 * image, so that what one design misses averages out over them.
 */
export function sobolImportance(design: Omit<Design, 'seed'>, { seed }: Pick<Services, 'seed'>): Measures {
  return async (head, image, directions, id) => {
    if (isLinearInMasks(head, image)) return linearImportance(head, image, directions);
    return conceptImportance(head, image, directions, { ...design, seed: deriveSeed(seed, 'importance', id) });
  };
}

/** The concepts of one layer, most important first, without children. @throws StudyError `core/values-not-finite`, or what `task.refuse` throws */
export async function conceptBank(task: BankTask, services: Pick<Services, 'signal'>): Promise<ConceptBank> {
  const { images, crops, layer, learnedFrom, form } = task;
  const isPart = learnedFrom !== undefined && learnedFrom.length < images.ids.length;
  const bank = {
    ...{ classIndex: images.classIndex, layer, ids: images.ids, crops },
    ...(form && { form }),
    ...(isPart && { learnedFrom }),
  };
  // Crops, directions and images: which of them takes longest depends on the layer.
  const [toldCrops, toldSearch, toldImages] = [0, 1, 2].map((step) => ofStep(task.told, step, 3)) as [Told, Told, Told];
  const activations = await pooledActivations(task, (done) => {
    services.signal.throwIfAborted();
    toldCrops(done / crops.length);
  });
  const learned = learnedFrom ?? [...images.ids.keys()];
  const from = task.fromPlaces
    ? await placeActivations(task, learned, services)
    : { activations, learnt: cropsOf(crops, learned) };
  const found = await task.learn(from, toldSearch);
  const { directions, offset } = found;
  const codes = found.encode(activations);
  const scored = scoredImages(bank);
  const { maps, importance, error } = await measureImages({ ...task, scored, told: toldImages }, found, services);
  const scoredCrops = cropsOf(crops, scored);
  const order = byMeanImportance(importance);
  return {
    ...bank,
    dictionary: dictionaryOf(directions, order),
    ...(offset && { offset: ndArray('d', [offset.length], Float32Array.from(offset)) }),
    ...(found.names && { names: order.map((k) => found.names![k]!) }),
    codes: ordered(ndArray('p r', [crops.length, directions.columns], Float32Array.from(codes.data)), order),
    maps: ordered(maps, order),
    importance: ordered(importance, order),
    importanceError: ordered(error, order),
    reconstructionError: bankForm(form).rebuilds
      ? relativeError(takeMatrixRows(activations, scoredCrops), takeMatrixRows(codes, scoredCrops), found)
      : null,
    factorisation: { iterations: found.iterations, stop: found.stop },
    children: [],
  };
}

/** ||A - offset - UW|| / ||A||, Frobenius, of float64 codes `U`, p r; 0 when A is zero. */
export function relativeError(
  { rows: count, columns, data }: Matrix,
  U: Matrix,
  { directions: V, offset }: Pick<Dictionary, 'directions' | 'offset'>,
): number {
  const r = V.columns;
  let [missed, norm] = [0, 0];
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < columns; j++) {
      const value = data[i * columns + j]!;
      let rest = offset ? value - offset[j]! : value;
      for (let k = 0; k < r; k++) rest -= U.data[i * r + k]! * V.data[j * r + k]!;
      missed += rest * rest;
      norm += value * value;
    }
  }
  return norm === 0 ? 0 : Math.sqrt(missed / norm);
}

/** Mean activations of every crop over its places: p d. */
async function pooledActivations(
  { model, layer, crops, images, refuse }: BankTask,
  told: (done: number) => void,
): Promise<Matrix> {
  const data = await meanActivations(
    { model, layer, crops, images: images.images },
    { told, ...(refuse && { refuse }) },
  );
  return { rows: crops.length, columns: layerNamed(model.layers, layer).features, data };
}

/** Activations at every place of the images at `places`, one row each. */
async function placeActivations(task: BankTask, places: readonly number[], { signal }: Pick<Services, 'signal'>) {
  const parts: Matrix[] = [];
  for (const n of places) {
    signal.throwIfAborted();
    parts.push((await placesOf(task, n)).places);
  }
  const [rowsPerImage, columns] = [parts[0]?.rows ?? 0, parts[0]?.columns ?? 0];
  const data = new Float64Array(parts.length * rowsPerImage * columns);
  for (const [i, part] of parts.entries()) data.set(part.data, i * rowsPerImage * columns);
  const activations: Matrix = { rows: parts.length * rowsPerImage, columns, data };
  return { activations, learnt: [...Array(activations.rows).keys()] };
}

/** The activations of one image: those at its places, and what the layer has before them. */
async function placesOf(
  { model, images, layer, refuse }: Pick<BankTask, 'model' | 'images' | 'layer' | 'refuse'>,
  n: number,
) {
  const info = layerNamed(model.layers, layer);
  const { height, width, leading } = placesOfLayer(info);
  const { data } = await model.activations(rows(images.images, n, n + 1), layer);
  const first = leading * info.features;
  expectFinite(data.subarray(first), `activations of "${layer}"`);
  refuse?.(data.subarray(first));
  const places: Matrix = {
    rows: height * width,
    columns: info.features,
    data: Float64Array.from(data.subarray(first)),
  };
  return { places, leading: data.subarray(0, first) };
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
  task: BankTask & { readonly scored: readonly number[] },
  dictionary: Dictionary,
  { signal }: Pick<Services, 'signal'>,
): Promise<Measured> {
  const { model, images, layer, keepRest = false, measure, told, scored } = task;
  const { height, width } = placesOfLayer(layerNamed(model.layers, layer));
  const { directions } = dictionary;
  const [count, rank] = [images.ids.length, directions.columns];
  const maps = ndArray('n h w r', [count, height, width, rank]);
  const importance = ndArray('n r', [measure ? scored.length : 0, rank]);
  let error = ndArray('n r', [0, rank]);
  const head = { model, layer, classIndex: images.classIndex };
  for (let n = 0; n < count; n++) {
    if (n > 0) told(n / count);
    signal.throwIfAborted();
    const { places, leading } = await placesOf(task, n);
    const codes = Float32Array.from(dictionary.encode(places).data);
    maps.data.set(codes, n * codes.length);
    const row = scored.indexOf(n);
    if (!measure || row < 0) continue;
    const image = { codes, leading, ...restOf(places, codes, dictionary, keepRest) };
    const measured = await measure(head, image, directions, images.ids[n]!);
    importance.data.set(measured.importance, row * rank);
    if (!measured.error) continue;
    if (error.shape[0] === 0) error = ndArray('n r', importance.shape);
    error.data.set(measured.error, row * rank);
  }
  told(1);
  return { maps, importance, error };
}

/** What stays of an image when all its concepts are gone: what they leave unexplained, or the offset that they are added to. */
function restOf(
  places: Matrix,
  codes: Float32Array,
  { directions, offset }: Dictionary,
  keepRest: boolean,
): Pick<ImageCodes, 'rest' | 'isSigned'> {
  if (keepRest) return { rest: unexplained(places, codes, directions), isSigned: hasNegative(places.data) };
  if (!offset) return {};
  const rest = Float32Array.from(places.data, (_, i) => offset[i % places.columns]!);
  return { rest, isSigned: true }; // the reconstruction as it stands, as all who rebuild it take it
}

/** Whether a value is below zero. @param values of an array of any shape, row-major */
export function hasNegative(values: Float32Array | Float64Array): boolean {
  return values.some((value: number) => value < 0);
}

/** Activations minus what the codes rebuild. */
function unexplained({ rows: count, columns, data }: Matrix, codes: Float32Array, V: Matrix): Float32Array {
  const rank = V.columns;
  return Float32Array.from({ length: count * columns }, (_, i) => {
    const [place, d] = [Math.floor(i / columns), i % columns];
    let rest = data[i]!;
    for (let k = 0; k < rank; k++) rest -= codes[place * rank + k]! * V.data[d * rank + k]!;
    return rest;
  });
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

function dictionaryOf({ rows: features, columns, data }: Matrix, order: readonly number[]): NdArray<'r d'> {
  const dictionary = ndArray('r d', [columns, features]);
  order.forEach((k, row) => {
    for (let d = 0; d < features; d++) dictionary.data[row * features + d] = data[d * columns + k]!;
  });
  return dictionary;
}
