import type { NdArray } from './array.ts';
import type { Split } from './dataset.ts';
import type { Model } from './networks/model.ts';

/** The images of one class, as a concept extractor sees them. */
export interface ConceptImages {
  readonly ids: readonly string[];
  readonly images: NdArray<'n h w c'>;
  readonly classIndex: number;
  /** Images that show concepts, whose classes are the concepts; there for every extractor with `needsData`. */
  readonly examples?: Split;
  /** Images that concepts are told from, such as random ones, whatever their classes; there for every extractor with `needsData`. */
  readonly counterparts?: Split;
}

/** Where a crop was taken: pixel coordinates in the evaluated image. */
export interface Crop {
  /** Index into the bank's `ids`. */
  readonly image: number;
  readonly top: number;
  readonly left: number;
  readonly size: number;
}

/** What can be said of every bank of an extractor before one is made. */
export interface BankForm {
  /** Whether codes and maps may be below zero: a place may lie against a direction as well as along it. */
  readonly codes: 'non-negative' | 'signed';
  /** Whether `offset` + codes x dictionary stands for the activations; false where each direction stands by itself, as a classifier's does. */
  readonly rebuilds: boolean;
  /** Whether concepts have names, which mean the same in every model; those that are found have numbers. */
  readonly isNamed: boolean;
  /** Whether directions were learned several times, each from another draw, so that the bank says what each of them gave (`draws`). */
  readonly hasDraws: boolean;
}

/** What directions gave that were learned several times, each from another draw: a row for each, a number in [0, 1] for each concept. */
export interface ConceptDraws {
  /** What is drawn, for people, in the plural: `counterparts`. What is drawn depends on the number of the draw alone, whatever the model. */
  readonly of: string;
  /** Mean of the importance over `scoredImages`, whose mean over the draws is that of the bank's `importance`. */
  readonly importance: readonly (readonly number[])[];
  /** The same of a direction of each draw that is no concept's, such as one that tells counterparts from counterparts. */
  readonly chance: readonly number[];
  /** Which part of `tested` examples and counterparts, as many of each, each direction tells right; it was not learned from them. */
  readonly accuracy: readonly (readonly number[])[];
  readonly tested: number;
}

/** The concepts of one class at one layer. `r` concepts, `p` crops, `n` images, `d` features. */
export interface ConceptBank {
  readonly classIndex: number;
  readonly layer: string;
  /** How it differs from a bank of non-negative codes that rebuild the activations, of concepts without names; as the plugin's `banks` says. */
  readonly form?: Partial<BankForm>;
  /** One name per concept, each once, where `form` says that they have names. */
  readonly names?: readonly string[];
  readonly ids: readonly string[];
  /** Places in `ids` of the images that the dictionary was learned from, rising; absent where it was learned from all. */
  readonly learnedFrom?: readonly number[];
  readonly crops: readonly Crop[];
  /** Concept directions, which may be signed. */
  readonly dictionary: NdArray<'r d'>;
  /** What stands for the activations where all codes are 0, such as their mean; absent: zero. */
  readonly offset?: NdArray<'d'>;
  /** Strength of every concept in every crop: activations are about `offset` + codes x dictionary. Below zero only where `form` says so. */
  readonly codes: NdArray<'p r'>;
  /**
   * Strength, as in `codes`, of every concept at every place of every image, as the places lie on the image (`placesOfLayer`): of a layer of
   * tokens the grid, without those that lie nowhere.
   */
  readonly maps: NdArray<'n h w r'>;
  /**
   * What every concept matters to the class in each of `scoredImages`, in [0, 1]: the total Sobol index of the mask that its codes are multiplied
   * with, signed or not, unless the extractor's `source` says otherwise; without rows where importance was not measured.
   */
  readonly importance: NdArray<'n r'>;
  /** Standard error of `importance`, from the design's replicates; without rows where the design states none. */
  readonly importanceError: NdArray<'n r'>;
  /** ||A - offset - UW|| / ||A|| over the crops of `scoredImages`, Frobenius; null where the bank does not rebuild. */
  readonly reconstructionError: number | null;
  /** Iterations done and why the factorisation stopped. */
  readonly factorisation: { readonly iterations: number; readonly stop: 'converged' | 'iteration-limit' };
  /** Concepts found inside a concept at an earlier layer (CRAFT's recursion). */
  readonly children: readonly { readonly concept: number; readonly bank: ConceptBank }[];
  /** There where `form` says that directions have draws. */
  readonly draws?: ConceptDraws;
}

/** The whole form of banks that say in what they differ from CRAFT's: non-negative codes that rebuild, of concepts without names, learned once. */
export function bankForm(form: Partial<BankForm> = {}): BankForm {
  return { codes: 'non-negative', rebuilds: true, isNamed: false, hasDraws: false, ...form };
}

/** Whether it is a convention which end of a direction is called positive: so it is where codes are signed and concepts have no names. */
export function hasFreeSigns({ form }: Pick<ConceptBank, 'form'>): boolean {
  const { codes, isNamed } = bankForm(form);
  return codes === 'signed' && !isNamed;
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
