import { type ConceptBank, hasFreeSigns, StudyError, scoredImages, takeRows } from '@espalier/core';
import { productOf, standardised } from './correlation.ts';

/** Values for every pair of a concept of one bank (row) and one of another (column). */
export interface Similarity {
  readonly rows: number;
  readonly columns: number;
  /** Row-major, `rows` x `columns`. */
  readonly data: Float64Array;
}

/** The parts of a bank that say how strong its concepts are in which crop, and what it was learned from. */
export type CodedCrops = Pick<ConceptBank, 'classIndex' | 'form' | 'ids' | 'learnedFrom' | 'crops' | 'codes'>;

/**
 * Pearson correlation of the codes of every concept of `a` with those of every concept of `b` over the crops of both,
 * in [-1, 1]. A concept whose code is the same in all crops is like no other: 0. Where it is a convention of one bank which end of a direction is
 * called positive, the absolute value: concepts that differ in their sign are alike.
 *
 * Crops count of images that neither was learned from; of all, where there is none such, as with the two halves of a class.
 *
 * Crops are the probe: they do not depend on the model, so that banks of different models, seeds and layers compare.
 *
 * @throws StudyError `core/inputs-mismatch` when the banks are not of the same crops of the same images.
 */
export function codeSimilarity(a: CodedCrops, b: CodedCrops): Similarity {
  expectSameCrops(a, b);
  const probe = sharedCrops(a, b);
  const [left, right] = [a, b].map(({ codes }) => standardColumns(takeRows(codes, probe))) as [Columns, Columns];
  const data = new Float64Array(left.length * right.length);
  const alike = hasFreeSigns(a) || hasFreeSigns(b) ? Math.abs : Number;
  left.forEach((x, i) => {
    right.forEach((y, j) => {
      data[i * right.length + j] = alike(productOf(x, y));
    });
  });
  return { rows: left.length, columns: right.length, data };
}

type Columns = readonly Float64Array[];

/** Crops of images that neither bank was learned from; all, where there is none. */
function sharedCrops(a: CodedCrops, b: CodedCrops): readonly number[] {
  const scored = new Set(scoredTogether(a, b));
  return [...a.crops.keys()].filter((p) => scored.has(a.ids[a.crops[p]!.image]!));
}

/** Each column, standardised. */
function standardColumns({ data, shape }: CodedCrops['codes']): Columns {
  const [crops, concepts] = shape as [number, number]; // 'p r' has two sizes
  return Array.from({ length: concepts }, (_, r) =>
    standardised(Float64Array.from({ length: crops }, (__, p) => data[p * concepts + r]!)),
  );
}

/** Ids of the images that two banks of the same images are compared on: those that neither was learned from; all, where there is none. */
export function scoredTogether(
  a: Pick<CodedCrops, 'ids' | 'learnedFrom'>,
  b: Pick<CodedCrops, 'ids' | 'learnedFrom'>,
): readonly string[] {
  const others = new Set(scoredImages(b).map((place) => b.ids[place]!));
  const both = scoredImages(a).flatMap((place) => (others.has(a.ids[place]!) ? [a.ids[place]!] : []));
  return both.length > 0 ? both : a.ids;
}

function expectSameCrops(a: CodedCrops, b: CodedCrops): void {
  const same =
    a.crops.length === b.crops.length &&
    a.crops.every((crop, p) => {
      const other = b.crops[p]!;
      const sameImage = a.ids[crop.image] === b.ids[other.image];
      return sameImage && crop.top === other.top && crop.left === other.left && crop.size === other.size;
    });
  if (same) return;
  throw new StudyError(
    'core/inputs-mismatch',
    `Concepts are matched by their codes on the same crops: expected ${a.crops.length} equal crops of class ` +
      `${a.classIndex} in both banks, found ${b.crops.length} of class ${b.classIndex}, of other images, places or sizes. ` +
      'Extract both from the same images with the same `patch`.',
  );
}
