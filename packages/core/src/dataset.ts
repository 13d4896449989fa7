import type { NdArray } from './array.ts';

/**
 * `train` fits, `tune` (a seeded part of the training images) selects, `val` only evaluates. `eval` is the
 * class-balanced part of `val` on which explanations are computed.
 */
export type SplitName = 'train' | 'tune' | 'val' | 'eval';

/** One decoded RGB image: row-major `h w c` bytes, `c` = 3, before augmentation. */
export interface PixelImage {
  readonly data: Uint8Array;
  readonly height: number;
  readonly width: number;
}

/** A region of one image that an explanation can be held against. */
export interface TruthRegion {
  /** What is there: a planted concept, or `object` for a bounding box. */
  readonly name: string;
  /** `evidence`, if it is not said: what the label can be told by. `distractor`: what only looks like it. */
  readonly role?: 'evidence' | 'distractor';
  /** One byte per pixel of the evaluated image, row-major `h w`: 1 inside. */
  readonly mask: Uint8Array;
}

/** The regions that the label can be told by. */
export function evidenceIn(regions: readonly TruthRegion[]): readonly TruthRegion[] {
  return regions.filter(({ role }) => role !== 'distractor');
}

/** A sample that could not be used and is not among the images. */
export interface LeftOut {
  /** The id that it would have. */
  readonly id: string;
  /** Why, as a clause: `it is cut short`. */
  readonly reason: string;
}

/** The images of one part of a dataset, in a fixed order. */
export interface Split {
  readonly name: string;
  /** Stable sample ids: relative paths, or generated names. One per image. */
  readonly ids: readonly string[];
  /** Class index of each image. */
  readonly labels: readonly number[];
  readonly classes: readonly string[];
  readonly height: number;
  readonly width: number;
  /** Mean and standard deviation per channel of images in [0, 1]; the model normalises with them. */
  readonly normalisation: Normalisation;
  /** Hash of everything that decides the pixels: ids, labels, content, size, preprocessing; and of `leftOut`. */
  readonly digest: string;
  /** What was left out of all parts of the dataset, since its options allow that; reports say so. Absent for none. */
  readonly leftOut?: readonly LeftOut[] | undefined;
  /** Images as evaluated: RGB in [0, 1], preprocessed without randomness. `indices` point into `ids`. */
  images(indices: readonly number[]): Promise<NdArray<'n h w c'>>;
  /** Images from which random crops are taken, at least `height` x `width`. */
  pixels(indices: readonly number[]): Promise<readonly PixelImage[]>;
  /** Ground truth for localisation, empty where an image has none; absent when the dataset knows none. */
  readonly truth?: (index: number) => Promise<readonly TruthRegion[]>;
}

/** What a model subtracts from, and divides by, each channel of images in [0, 1]: one number per channel. */
export interface Normalisation {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/**
 * A labelled image set with a training, a tuning and an evaluation part.
 * @example
 * const dataset = await createFrom(planted, { size: 32 }, plainServices());
 * const split = dataset.split('val');
 * const images = await split.images([0, 1, 2]); // `n h w c` in [0, 1]
 */
export interface Dataset {
  readonly classes: readonly string[];
  split(name: 'train' | 'tune' | 'val'): Split;
  /** Sentences for the log of who opens it, for example about files that are not read. */
  readonly notes?: readonly string[] | undefined;
}
