import type { Dataset, PixelImage, Split, TruthRegion } from '../dataset.ts';
import { promiseArray, promiseWithin } from './array.ts';
import { checkMask } from './masks.ts';
import {
  type Promised,
  promise,
  promiseIds,
  promiseList,
  promiseNumbers,
  promiseObject,
  promiseOneOf,
  promiseText,
  promiseWhole,
  written,
} from './promise.ts';

/**
 * Checks what a dataset says of itself: its classes, and what it has to say to who opens it.
 *
 * @param by the dataset, as the study names it
 * @throws StudyError `core/plugin-invalid`
 */
export function checkDataset(dataset: unknown, by: string): asserts dataset is Dataset {
  const about: Promised = { by, what: 'the dataset that it creates' };
  promiseObject(dataset, about, ['split']);
  promiseIds(dataset.classes, about, 'classes');
  promise(dataset.classes.length > 0, about, 'at least one class', () => 'none');
  if (dataset.notes === undefined) return;
  promiseList(dataset.notes, about, 'notes');
  for (const note of dataset.notes) promiseText(note, about, 'notes');
}

/**
 * Checks a part of a dataset, without its pixels: an id of its own and a known label for every image, sizes, normalisation,
 * digest, and what was left out.
 *
 * @param classes those of the dataset
 * @throws StudyError `core/plugin-invalid`
 */
export function checkSplit(split: unknown, by: string, classes: readonly string[]): asserts split is Split {
  const nameless: Promised = { by, what: 'a split' };
  promiseObject(split, nameless, ['images', 'pixels']);
  promiseText(split.name, nameless, 'name');
  const about: Promised = { by, what: `the split "${split.name}"` };
  promiseIds(split.ids, about, 'ids');
  promiseIds(split.classes, about, 'classes');
  const own = split.classes;
  const isSame = own.length === classes.length && classes.every((name, k) => name === own[k]);
  promise(isSame, about, `the ${classes.length} classes of its dataset`, () => written(own.join(', ')));
  checkLabels(split.labels, split.ids, classes.length, about);
  promiseWhole(split.height, 1, about, 'height');
  promiseWhole(split.width, 1, about, 'width');
  checkNormalisation(split.normalisation, about);
  promiseText(split.digest, about, 'digest');
  checkLeftOut(split.leftOut, about);
  if (split.truth !== undefined) promiseObject(split, about, ['truth']);
}

function checkLabels(labels: unknown, ids: readonly string[], classes: number, about: Promised): void {
  promiseList(labels, about, 'labels');
  promise(labels.length === ids.length, about, `${ids.length} labels, one per image`, () => String(labels.length));
  const isKnown = (label: unknown) => Number.isInteger(label) && Number(label) >= 0 && Number(label) < classes;
  const wrong = labels.findIndex((label) => !isKnown(label));
  const known = `labels that are whole numbers from 0 to ${classes - 1}`;
  promise(wrong < 0, about, known, () => `${written(labels[wrong])} for ${written(ids[wrong])}`);
}

function checkNormalisation(normalisation: unknown, about: Promised): void {
  promiseObject(normalisation, { ...about, what: `"normalisation" of ${about.what}` });
  promiseNumbers(normalisation.mean, 3, about, 'normalisation.mean');
  promiseNumbers(normalisation.std, 3, about, 'normalisation.std');
  const { std } = normalisation;
  const smallest = Math.min(...Array.from(std));
  promise(smallest > 0, about, 'positive numbers in "normalisation.std"', () => String(smallest));
}

function checkLeftOut(leftOut: unknown, about: Promised): void {
  if (leftOut === undefined) return;
  promiseList(leftOut, about, 'leftOut');
  for (const one of leftOut) {
    promiseObject(one, { ...about, what: `"leftOut" of ${about.what}` });
    promiseText(one.id, about, 'leftOut.id');
    promiseText(one.reason, about, 'leftOut.reason');
  }
}

/** Checks images as evaluated: RGB in [0, 1], of the split's size. */
export function checkImages(
  images: unknown,
  by: string,
  { name, height, width }: Split,
  ids: readonly string[],
): asserts images is Awaited<ReturnType<Split['images']>> {
  const about: Promised = { by, what: `images of the split "${name}"` };
  promiseArray(images, 'n h w c', [ids.length, height, width, 3], about, 'images', ids);
  promiseWithin(images, [0, 1], about, 'images', ids);
}

/** Checks images to crop from: three bytes per pixel, at least as large as those evaluated. */
export function checkPixels(
  pixels: unknown,
  by: string,
  { name, height, width }: Split,
  ids: readonly string[],
): asserts pixels is readonly PixelImage[] {
  const all: Promised = { by, what: `pixels of the split "${name}"` };
  promiseList(pixels, all, 'pixels');
  promise(pixels.length === ids.length, all, `${ids.length} images`, () => String(pixels.length));
  for (const [i, image] of pixels.entries()) {
    const about: Promised = { by, what: `the pixels of "${ids[i]}"` };
    promiseObject(image, about);
    promiseWhole(image.height, height, about, 'height');
    promiseWhole(image.width, width, about, 'width');
    const { data } = image;
    promise(data instanceof Uint8Array, about, '"data" to be a Uint8Array', () => written(data));
    const count = image.height * image.width * 3;
    promise(data.length === count, about, `${count} bytes, three per pixel`, () => String(data.length));
  }
}

/** Checks the regions of one image: names, roles, and one byte per pixel of it, 0 or 1. */
export function checkRegions(
  regions: unknown,
  by: string,
  { height, width }: Split,
  id: string,
): asserts regions is readonly TruthRegion[] {
  const about: Promised = { by, what: `the truth of "${id}"` };
  promiseList(regions, about, 'regions');
  for (const region of regions) {
    promiseObject(region, { by, what: `a region of "${id}"` });
    promiseText(region.name, about, 'name');
    promiseOneOf(region.role, [undefined, 'evidence', 'distractor'], about, 'role');
    checkMask(region.mask, height * width, { by, what: `the region "${region.name}" of "${id}"` });
  }
}

/** `dataset`, held to its promises: its parts when they are asked for, their pixels whenever some are. */
export function heldDataset(dataset: unknown, by: string): Dataset {
  checkDataset(dataset, by);
  const { classes, notes } = dataset;
  return { ...dataset, classes, notes, split: (part) => heldSplit(dataset.split(part), by, classes) };
}

function heldSplit(split: unknown, by: string, classes: readonly string[]): Split {
  checkSplit(split, by, classes);
  const { name, ids, labels, height, width, normalisation, digest, leftOut } = split;
  const idsOf = (indices: readonly number[]) => indices.map((index) => ids[index]!);
  const regionsOf = async (index: number): Promise<readonly TruthRegion[]> => {
    const regions: unknown = await split.truth?.(index);
    checkRegions(regions, by, split, ids[index]!);
    return regions;
  };
  return {
    ...split,
    ...{ name, ids, labels, classes, height, width, normalisation, digest },
    ...(leftOut && { leftOut }),
    async images(indices) {
      const images: unknown = await split.images(indices);
      checkImages(images, by, split, idsOf(indices));
      return images;
    },
    async pixels(indices) {
      const pixels: unknown = await split.pixels(indices);
      checkPixels(pixels, by, split, idsOf(indices));
      return pixels;
    },
    ...(split.truth && { truth: regionsOf }),
  };
}
