import { type Matrix, takeMatrixRows } from '@espalier/concept-activations';
import {
  type LayerInfo,
  type Model,
  type NdArray,
  placesOfLayer,
  type RandomStream,
  randomStream,
  type Split,
} from '@espalier/core';
import { separate } from './logistic-regression.ts';

/** A concept activation vector: a direction of length 1, and what to add for the signed distance from where concept and counterparts part. */
export interface ActivationVector {
  readonly direction: Float64Array;
  readonly offset: number;
  readonly isConverged: boolean;
  /** Which part of the images that were held out it tells right. */
  readonly accuracy: number;
}

/** The vectors of one draw of counterparts. */
export interface Draw {
  /** One per concept. */
  readonly concepts: readonly ActivationVector[];
  /** The one that tells some counterparts from others. */
  readonly chance: ActivationVector;
}

/** What is learned from. */
export interface Shown {
  /** Mean activations of examples, n d, and the concept of each. */
  readonly examples: Matrix;
  readonly conceptOf: readonly number[];
  readonly counterparts: Matrix;
}

/** How it is learned. */
export interface Drawing {
  readonly draws: number;
  /** Images of each concept in a draw, and as many counterparts. */
  readonly perDraw: number;
  /** How many of these are held out. */
  readonly heldOut: number;
  readonly alpha: number;
  readonly seed: number;
}

/** Vectors of every draw: which images are drawn depends on the seed and the number of the draw alone, whatever the activations. */
export function activationVectors(
  { examples, conceptOf, counterparts }: Shown,
  concepts: number,
  { draws, perDraw, heldOut, alpha, seed }: Drawing,
): readonly Draw[] {
  const fit = (positive: Matrix, negative: Matrix) => vectorBetween(positive, negative, heldOut, alpha);
  return Array.from({ length: draws }, (_, draw) => {
    const stream = (what: string | number) => randomStream(seed, 'tcav', draw, what);
    const [others, more] = drawnRows(
      counterparts,
      [...Array(counterparts.rows).keys()],
      perDraw,
      stream('counterparts'),
    );
    return {
      concepts: Array.from({ length: concepts }, (_, k) => {
        const own = [...conceptOf.keys()].filter((i) => conceptOf[i] === k);
        return fit(drawnRows(examples, own, perDraw, stream(k))[0], others);
      }),
      chance: fit(more, others),
    };
  });
}

/** Rows drawn without replacement: as many as asked for, and as many more where there are. */
function drawnRows(from: Matrix, places: readonly number[], count: number, stream: RandomStream) {
  const order = stream.shuffled(places);
  return [takeMatrixRows(from, order.slice(0, count)), takeMatrixRows(from, order.slice(count, 2 * count))] as const;
}

/** Learned without the first `heldOut` rows of both, which it is then asked about. */
function vectorBetween(positive: Matrix, negative: Matrix, heldOut: number, alpha: number): ActivationVector {
  const learned = [positive, negative].map((side) => rowsFrom(side, heldOut, side.rows)) as [Matrix, Matrix];
  const { weights, intercept, isConverged } = separate(
    stacked(...learned),
    [...Array(learned[0].rows).fill(true), ...Array(learned[1].rows).fill(false)],
    alpha,
  );
  const length = Math.sqrt(weights.reduce((sum, weight) => sum + weight ** 2, 0));
  const direction = weights.map((weight) => (length > 0 ? weight / length : 0));
  const offset = length > 0 ? intercept / length : 0;
  const right = [positive, negative].map((side, i) => {
    const distances = distancesOf(rowsFrom(side, 0, heldOut), { direction, offset });
    return distances.reduce((sum, distance) => sum + Number(distance > 0 === (i === 0)), 0);
  });
  return { direction, offset, isConverged, accuracy: (right[0]! + right[1]!) / (2 * heldOut) };
}

/** Signed distances of rows from the plane of a vector. */
export function distancesOf(
  { rows, columns, data }: Matrix,
  { direction, offset }: Pick<ActivationVector, 'direction' | 'offset'>,
): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => {
    let sum = offset;
    for (let d = 0; d < columns; d++) sum += data[i * columns + d]! * direction[d]!;
    return sum;
  });
}

function rowsFrom({ columns, data }: Matrix, start: number, end: number): Matrix {
  return { rows: end - start, columns, data: data.subarray(start * columns, end * columns) };
}

function stacked(above: Matrix, below: Matrix): Matrix {
  const { columns } = above;
  return { rows: above.rows + below.rows, columns, data: Float64Array.from([...above.data, ...below.data]) };
}

const imagesPerCall = 16;

/** The mean activations of every image of a split over the places of a layer, n d. */
export async function meanActivationsOf(
  model: Model,
  layer: LayerInfo,
  { ids, images }: Split,
  signal: AbortSignal,
): Promise<Matrix> {
  const data = new Float64Array(ids.length * layer.features);
  for (let start = 0; start < ids.length; start += imagesPerCall) {
    signal.throwIfAborted();
    const places = [...ids.keys()].slice(start, start + imagesPerCall);
    const sums = sumsOverPlaces(await model.activations(await images(places), layer.name), layer);
    const { height, width } = placesOfLayer(layer);
    data.set(
      sums.map((sum) => sum / (height * width)),
      start * layer.features,
    );
  }
  return { rows: ids.length, columns: layer.features, data };
}

/** Sums over the places of a layer that lie on the image, n d: of tokens, without those that lie nowhere. */
export function sumsOverPlaces({ data, shape }: NdArray<'n h w d'>, layer: LayerInfo): Float64Array {
  const { height, width, leading } = placesOfLayer(layer);
  const [count, columns] = [shape[0]!, layer.features];
  const size = (leading + height * width) * columns;
  const sums = new Float64Array(count * columns);
  for (let n = 0; n < count; n++)
    for (let i = leading * columns; i < size; i++) sums[n * columns + (i % columns)]! += data[n * size + i]!;
  return sums;
}
