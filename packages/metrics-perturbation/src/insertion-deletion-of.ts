import type { Model } from '@espalier/core';
import { sortedOrder } from '@espalier/numerics';
import type { Explained } from './each-image.ts';
import { type Fill, filled } from './filled.ts';
import { probabilitiesWhile } from './probabilities-while.ts';

/** Probabilities of the explained class after each step, from none to all pixels. */
export interface ImageCurves {
  readonly insertion: Float64Array;
  readonly deletion: Float64Array;
}

/** How pixels come and go. */
export interface Steps {
  readonly steps: number;
  readonly insertInto: Fill;
  readonly deleteTo: Fill;
  readonly blur: number;
  readonly imagesPerCall: number;
}

/** `steps` + 1 numbers from 0 to `total`, equally far apart. */
export function stepsAt(total: number, steps: number): readonly number[] {
  return Array.from({ length: steps + 1 }, (_, step) => (total * step) / steps);
}

/**
 * Both curves of one image. Slowly:
 *
 *     for each step t = 0 ... steps:
 *       first = the floor(t pixels / steps) pixels of the largest values
 *       insertion[t] = p(class | `first` of the image, all others of the start)
 *       deletion[t] = p(class | `first` of the fill, all others of the image)
 *
 * @throws StudyError `core/values-not-finite` where the model answers with no numbers
 */
export async function insertionDeletionOf(
  model: Model,
  explained: Explained,
  { steps, insertInto, deleteTo, blur, imagesPerCall }: Steps,
): Promise<ImageCurves> {
  const { image, map } = explained;
  const order = sortedOrder(map, 'falling');
  const counts = stepsAt(map.length, steps).map(Math.floor);
  const fill = (by: Fill) => filled(image, model.input, by, blur);
  const curve = (from: Float32Array, to: Float32Array) =>
    probabilitiesWhile(model, explained, { from, to, order, counts, imagesPerCall });
  return { insertion: await curve(fill(insertInto), image), deletion: await curve(image, fill(deleteTo)) };
}
