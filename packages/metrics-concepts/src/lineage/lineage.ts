import { codeSimilarity, type Lineage, matchConcepts } from '@espalier/concept-matching';
import { apartFindings, baselineFindings, defineMetric, type ScoreWords } from '@espalier/core';
import * as z from 'zod';
import { type Followed, followClasses, followedScores } from './followed-concepts.ts';

const metric = 'lineage';

/**
 * How many concepts of the model at the node's baseline live on in this one.
 * @example "scores": { "use": "quality/lineage", "in": { "images": …, "concepts": …, "otherConcepts": … }, "baseline": { "axis": "sparsity", "at": 0 } }
 */
export const lineage = defineMetric({
  name: metric,
  cacheVersion: '4',
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
  optionalInputs: ['otherConcepts', 'nullConcepts'],
  check: (_, known) => [
    ...apartFindings(known),
    ...baselineFindings('It compares with the concepts at the baseline', [], known),
  ],
  create: ({ threshold }) => ({
    async measure(inputs, baseline) {
      const classes = followClasses(inputs, baseline, metric);
      const fates = new Map<Followed, Lineage>();
      const fate = (followed: Followed): Lineage => {
        const { before, after } = followed;
        const known = fates.get(followed) ?? matchConcepts(codeSimilarity(before, after), threshold);
        fates.set(followed, known);
        return known;
      };
      const common = { metric: 'concept-lineage', words: words['concept-lineage'] };
      const survival = { metric: 'concept-survival', words: words['concept-survival'], role: 'companion' } as const;
      return [
        ...followedScores({ ...common, range: [-1, 1] }, classes, inputs, (one) => fate(one).similarity),
        ...followedScores({ ...survival, range: [0, 1] }, classes, inputs, (one) => {
          const { pairs, merges, deaths } = fate(one);
          return pairs.length / (pairs.length + merges.length + deaths.length);
        }),
      ];
    },
  }),
});

const words = {
  'concept-lineage': { name: 'Lineage', meaning: 'Correlation with the concepts of the baseline, matched one to one.' },
  'concept-survival': { name: 'Survival', meaning: 'Share of the baseline’s concepts that live on.', unit: '%' },
} as const satisfies Readonly<Record<string, ScoreWords>>;
