import type { NdArray } from './array.ts';
import type { Model } from './networks/model.ts';

/** The images of one class, as a concept extractor sees them. */
export interface ConceptImages {
  readonly ids: readonly string[];
  readonly images: NdArray<'n h w c'>;
  readonly classIndex: number;
}

/** Where a crop was taken: pixel coordinates in the evaluated image. */
export interface Crop {
  /** Index into the bank's `ids`. */
  readonly image: number;
  readonly top: number;
  readonly left: number;
  readonly size: number;
}

/** The concepts of one class at one layer. `r` concepts, `p` crops, `n` images, `d` features. */
export interface ConceptBank {
  readonly classIndex: number;
  readonly layer: string;
  readonly ids: readonly string[];
  /** Places in `ids` of the images that the dictionary was learned from, rising; absent where it was learned from all. */
  readonly learnedFrom?: readonly number[];
  readonly crops: readonly Crop[];
  /** Concept directions, which may be signed. */
  readonly dictionary: NdArray<'r d'>;
  /** Non-negative strength of every concept in every crop. */
  readonly codes: NdArray<'p r'>;
  /**
   * Non-negative strength of every concept at every place of every image, as the places lie on the image (`placesOfLayer`): of a layer of
   * tokens the grid, without those that lie nowhere.
   */
  readonly maps: NdArray<'n h w r'>;
  /** Total Sobol index of every concept in each of `scoredImages`; without rows where importance was not measured. */
  readonly importance: NdArray<'n r'>;
  /** Standard error of `importance`, from the design's replicates; without rows where the design states none. */
  readonly importanceError: NdArray<'n r'>;
  /** ||A - UW|| / ||A|| over the crops of `scoredImages`, Frobenius. */
  readonly reconstructionError: number;
  /** Iterations done and why the factorisation stopped. */
  readonly factorisation: { readonly iterations: number; readonly stop: 'converged' | 'iteration-limit' };
  /** Concepts found inside a concept at an earlier layer (CRAFT's recursion). */
  readonly children: readonly { readonly concept: number; readonly bank: ConceptBank }[];
}

/**
 * Places in `ids` of the images that concepts are scored on: those that the dictionary was not learned from; all, where it was learned
 * from all.
 */
export function scoredImages({ ids, learnedFrom }: Pick<ConceptBank, 'ids' | 'learnedFrom'>): readonly number[] {
  const places = [...ids.keys()];
  const learned = new Set(learnedFrom ?? places);
  const others = places.filter((place) => !learned.has(place));
  return others.length > 0 ? others : places;
}

/**
 * Finds the concepts that a model uses for one class.
 * @example
 * const extractor = await createFrom(craft, { concepts: 10 }, plainServices({ seed: 1 }));
 * const { dictionary, codes } = await extractor.extract(model, { ids, images, classIndex: 0 }); // `r d` and `p r`
 */
export interface ConceptExtractor {
  /**
   * @param told is called while this goes on, if it takes long: with the part of the work that is done, in (0, 1], which never
   *   falls
   */
  extract(model: Model, images: ConceptImages, told?: (part: number) => void): Promise<ConceptBank>;
}
