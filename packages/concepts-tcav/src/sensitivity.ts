import { type ConceptBank, type ConceptDraws, defineMetric, type Measurement } from '@espalier/core';
import * as z from 'zod';
import { isNoBetterThanChance, meanOf, welchTest } from './significance.ts';

const common = { aspect: 'concept sensitivity', sample: 'concept', summary: 'mean', direction: 'neither' } as const;

/**
 * TCAV scores: the share of the images of a class whose logit rises along the direction of a concept, by draw of counterparts, against directions
 * that tell counterparts from counterparts.
 *
 * A concept that directions tell from counterparts no better than by chance has no score, and it is said why.
 * @example "tcav": { "use": "tcav/sensitivity", "in": { "images": { "$from": "data.val" }, "concepts": { "$from": "concepts.concepts" } } }
 */
export const sensitivity = defineMetric({
  name: 'sensitivity',
  title: 'TCAV score',
  cacheVersion: '1',
  usesSeed: false,
  source: {
    title:
      'Kim et al. (2018), Interpretability Beyond Feature Attribution: Quantitative Testing with Concept Activation Vectors (TCAV)',
    url: 'https://arxiv.org/abs/1711.11279',
    departures: [
      'the t-test is Welch’s, against directions that tell counterparts from counterparts, as the authors’ code has it; their text tests against 0.5',
      'Bonferroni’s correction is over all concepts and classes that are scored',
      'concepts that are told from counterparts no better than by chance have no score',
    ],
  },
  options: z.strictObject({}),
  inputs: ['images', 'concepts'],
  needsBanks: { isNamed: true, hasDraws: true },
  create: () => ({
    measure: async ({ images, concepts }) => scoresOf(concepts.flatMap((bank) => foundIn(bank, images.classes))),
  }),
});

/** One concept of one class. */
interface Found {
  readonly id: string;
  readonly name: string;
  readonly draws: readonly number[];
  readonly chance: readonly number[];
  readonly of: string;
  readonly accuracy: number;
  readonly isChance: boolean;
}

function foundIn({ classIndex, names, draws }: ConceptBank, classes: readonly string[]): readonly Found[] {
  const { of, importance, chance, accuracy, tested } = draws as ConceptDraws; // the form has them
  return (names ?? []).map((name, k) => {
    const own = accuracy.map((row) => row[k]!);
    return {
      ...{ id: `${classes[classIndex]}: ${name}`, name, of, chance },
      draws: importance.map((row) => row[k]!),
      accuracy: meanOf(own),
      isChance: isNoBetterThanChance(own, tested),
    };
  });
}

function scoresOf(found: readonly Found[]): readonly Measurement[] {
  const scored = found.filter(({ isChance }) => !isChance);
  const lost = found.filter(({ isChance }) => isChance).map(({ id }) => id);
  const reason = 'its examples are told from counterparts no better than by chance';
  const kept = {
    ...common,
    ids: scored.map(({ id }) => id),
    sharedFits: scored.map(({ name }) => name),
    ...(lost.length > 0 && { omitted: [{ reason, ids: lost }] }),
  };
  const means = scored.map(({ draws }) => meanOf(draws));
  return [
    {
      ...kept,
      ...{ metric: 'tcav-score', role: 'primary', range: [0, 1], values: means, words: words.score },
      ...(scored.length > 0 && {
        draws: {
          of: `draws of ${scored[0]!.of}`,
          values: scored[0]!.draws.map((_, s) => scored.map(({ draws }) => draws[s]!)),
        },
      }),
    },
    {
      ...kept,
      ...{ metric: 'tcav-score-over-chance', role: 'companion', range: [-1, 1], words: words.overChance },
      values: scored.map(({ chance }, i) => means[i]! - meanOf(chance)),
      difference: { of: 'tcav-score', from: 'that of directions between counterparts' },
    },
    {
      ...kept,
      ...{ metric: 'tcav-p', role: 'companion', range: [0, 1], words: words.p },
      values: scored.map(({ draws, chance }) => Math.min(1, scored.length * welchTest(draws, chance))),
    },
    {
      ...common,
      ...{ metric: 'cav-accuracy', role: 'companion', range: [0, 1], words: words.accuracy },
      ids: found.map(({ id }) => id),
      sharedFits: found.map(({ name }) => name),
      values: found.map(({ accuracy }) => accuracy),
    },
  ];
}

const words = {
  score: {
    name: 'TCAV score',
    meaning:
      'the share of the images of a class whose logit rises along the direction of a concept, a mean over draws of counterparts',
    unit: '%',
  },
  overChance: {
    name: 'TCAV score over chance',
    meaning: 'the TCAV score less that of directions which tell counterparts from counterparts',
    unit: '%',
  },
  p: {
    name: 'p of the TCAV score',
    meaning:
      'how probable scores as far from chance are where there is no difference: two-sided, over draws of counterparts, Bonferroni-corrected',
  },
  accuracy: {
    name: 'CAV accuracy',
    meaning:
      'the part of held-out examples and counterparts that the directions of a concept tell right, a mean over draws; 50 % is chance',
    unit: '%',
  },
} as const;
