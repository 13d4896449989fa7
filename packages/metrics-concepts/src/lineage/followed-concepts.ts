import { type ConceptBank, type Given, type Measurement, StudyError } from '@espalier/core';
import { mean } from '@espalier/numerics';
import { againstNull, difference, type Measured, type Reference } from '../against-null.ts';
import { bankOfClass, classNameOf, nullBanksOf } from '../inputs.ts';

/** Concepts before, of the baseline, and those that are held against them. */
export interface Followed {
  readonly before: ConceptBank;
  readonly after: ConceptBank;
  /** Whose concepts `after` are. */
  readonly of: 'model' | 'baseline';
}

/** What is compared for one class. */
export interface FollowedClass {
  /** With the concepts of this model. */
  readonly own: readonly Followed[];
  /** The baseline's with its own, found once more: what the same network gives. Empty where they were found once. */
  readonly again: readonly Followed[];
  /** With those of a null; empty without one. */
  readonly byNull: readonly Followed[];
}

type Inputs = Given<'images' | 'concepts', 'otherConcepts' | 'nullConcepts'>;

/**
 * Concepts by class, beside those of the baseline. Where both models have concepts that were found once more, one model's first ones
 * are held against the other's second ones, and the baseline's against its own second ones: both times two extractions that know nothing of
 * each other, so that what differs is the network alone.
 *
 * @throws StudyError `core/input-missing` without a baseline, `core/inputs-mismatch` where a class is missing
 */
export function followClasses(
  { concepts, otherConcepts, nullConcepts }: Inputs,
  baseline: Inputs | undefined,
  metric: string,
): readonly FollowedClass[] {
  if (!baseline)
    throw new StudyError(
      'core/input-missing',
      `The metric "${metric}" compares with the concepts at the node's baseline; found none. Give the node a "baseline", ` +
        'such as { "axis": "sparsity", "at": 0 }.',
    );
  return concepts.map((bank) => {
    const before = bankOfClass(baseline.concepts, bank, "baseline's concepts");
    const nulls = nullConcepts ? nullBanksOf(nullConcepts, bank) : [];
    const against = (olds: readonly ConceptBank[]) =>
      olds.flatMap((old) => nulls.map((after): Followed => ({ before: old, after, of: 'model' })));
    if (!otherConcepts || !baseline.otherConcepts)
      return { own: [{ before, after: bank, of: 'model' }], again: [], byNull: against([before]) };
    const beforeAgain = bankOfClass(baseline.otherConcepts, bank, "baseline's otherConcepts");
    const other = bankOfClass(otherConcepts, bank, 'otherConcepts');
    return {
      own: [
        { before, after: other, of: 'model' },
        { before: beforeAgain, after: bank, of: 'model' },
      ],
      again: [
        { before, after: beforeAgain, of: 'baseline' },
        { before: beforeAgain, after: before, of: 'baseline' },
      ],
      byNull: against([before, beforeAgain]),
    };
  });
}

const secondExtraction: Reference = {
  name: 'reextraction',
  words: 'that of a second extraction',
  zero: '0 where concepts live on as well as a second extraction from the baseline itself finds them again',
};

/**
 * A score of followed concepts, class by class: the mean of `of` over what is compared; minus that of a second extraction from the
 * baseline, where there is one; minus that of a null, where there is one.
 */
export function followedScores(
  measured: Omit<Measured, 'sample' | 'ids' | 'values' | 'nullValues' | 'direction'>,
  classes: readonly FollowedClass[],
  { images, concepts, nullConcepts }: Inputs,
  of: (followed: Followed) => number,
): readonly Measurement[] {
  const means = (part: keyof FollowedClass) => classes.map((one) => mean(one[part].map(of)));
  const isAgain = classes.some(({ again }) => again.length > 0);
  const [scores, ...minusNull] = againstNull({
    ...measured,
    ...{ direction: 'higher-is-better', sample: 'class' },
    ids: concepts.map((bank) => classNameOf(bank, images)),
    values: means('own'),
    nullValues: nullConcepts && means('byNull'),
    ...(isAgain && { isFairAtBaseline: true }),
  }) as readonly [Measurement, ...Measurement[]]; // at least the score itself
  if (!isAgain) return [scores, ...minusNull];
  // At the baseline it is 0 by construction.
  const { isFairAtBaseline: _, ...minusAgain } = difference(scores, means('again'), secondExtraction);
  return [scores, minusAgain, ...minusNull];
}
