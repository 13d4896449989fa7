import { codeSimilarity, type Lineage, matchConcepts } from '@espalier/concept-matching';
import {
  apartFindings,
  baselineFindings,
  type ConceptBank,
  defineMetric,
  type ScoreWords,
  StudyError,
} from '@espalier/core';
import { mean } from '@espalier/numerics';
import * as z from 'zod';
import { againstNull } from './against-null.ts';
import { bankOfClass, classNameOf, nullBanksOf } from './inputs.ts';

const metric = 'lineage';

/**
 * How many concepts of the model at the node's baseline live on in this one.
 * @example "scores": { "use": "quality/lineage", "in": { "images": …, "concepts": … }, "baseline": { "axis": "sparsity", "at": 0 } }
 */
export const lineage = defineMetric({
  name: metric,
  cacheVersion: '3',
  usesSeed: false,
  source: {
    title: 'Kuhn (1955), The Hungarian method for the assignment problem; applied to codes of concepts on shared crops',
    url: 'https://doi.org/10.1002/nav.3800020109',
    departures: ['directions of concepts are not compared: two networks share no feature space'],
  },
  options: z.strictObject({
    threshold: z
      .number()
      .gt(0)
      .lte(1)
      .default(0.8)
      .describe('least correlation of codes at which two concepts count as the same; a null often reaches 0.5'),
  }),
  inputs: ['images', 'concepts'],
  optionalInputs: ['nullConcepts'],
  check: (_, known) => [
    ...apartFindings(known),
    ...baselineFindings('It compares with the concepts at the baseline', [], known),
  ],
  create: ({ threshold }) => ({
    async measure({ images, concepts: banks, nullConcepts }, baseline) {
      const before = baselineConcepts(baseline?.concepts);
      const fate = (bank: ConceptBank): Lineage => {
        const old = bankOfClass(before, bank, "baseline's concepts");
        return matchConcepts(codeSimilarity(old, bank), threshold);
      };
      const scores = (name: keyof typeof words, range: readonly [number, number], of: (one: Lineage) => number) =>
        againstNull({
          ...{ metric: name, direction: 'higher-is-better', range, sample: 'class' },
          words: words[name],
          role: name === 'concept-lineage' ? 'primary' : 'companion',
          ids: banks.map((bank) => classNameOf(bank, images)),
          values: banks.map((bank) => of(fate(bank))),
          nullValues:
            nullConcepts && banks.map((bank) => mean(nullBanksOf(nullConcepts, bank).map((draw) => of(fate(draw))))),
        });
      return [
        ...scores('concept-lineage', [-1, 1], ({ similarity }) => similarity),
        ...scores('concept-survival', [0, 1], ({ pairs, merges, deaths }) => {
          return pairs.length / (pairs.length + merges.length + deaths.length);
        }),
      ];
    },
  }),
});

const words = {
  'concept-lineage': { name: 'Lineage', meaning: 'Correlation with the concepts of the baseline, where it is 1.' },
  'concept-survival': { name: 'Survival', meaning: 'Share of the baseline’s concepts that live on.', unit: '%' },
} as const satisfies Readonly<Record<string, ScoreWords>>;

function baselineConcepts(concepts: readonly ConceptBank[] | undefined): readonly ConceptBank[] {
  if (concepts) return concepts;
  throw new StudyError(
    'core/input-missing',
    'The metric "lineage" compares with the concepts at the node\'s baseline; found none. Give the node a "baseline", ' +
      'such as { "axis": "sparsity", "at": 0 }.',
  );
}
