import { codeSimilarity, matchConcepts } from '@espalier/concept-matching';
import { apartFindings, type ConceptBank, defineMetric } from '@espalier/core';
import { mean } from '@espalier/numerics';
import * as z from 'zod';
import { againstNull } from './against-null.ts';
import { bankOfClass, classNameOf, nullBanksOf } from './inputs.ts';

const metric = 'stability';

/**
 * Whether the same concepts are found again: with another seed, or from other images.
 * @example "scores": { "use": "quality/stability", "in": { "images": …, "concepts": …, "otherConcepts": … } }
 */
export const stability = defineMetric({
  name: metric,
  cacheVersion: '4',
  usesSeed: false,
  source: {
    title:
      'Fel et al. (2025), Archetypal SAE: Adaptive and Stable Dictionary Learning for Concept Extraction in Large Vision Models',
    url: 'https://arxiv.org/abs/2502.12892',
    departures: [
      'concepts are matched by the correlation of their codes on the same crops instead of the cosine of their directions',
      'a mean over the matched concepts instead of a sum of distances',
    ],
  },
  options: z.strictObject({}),
  inputs: ['images', 'concepts', 'otherConcepts'],
  optionalInputs: ['nullConcepts'],
  check: (_, known) => apartFindings(known),
  create: () => ({
    async measure({ images, concepts: banks, otherConcepts: others, nullConcepts }) {
      const likeness = (bank: ConceptBank, other: ConceptBank) =>
        matchConcepts(codeSimilarity(bank, bankOfClass(others, other, 'otherConcepts')), 0).similarity;
      return againstNull({
        ...{ metric: 'concept-stability', direction: 'higher-is-better', range: [-1, 1] },
        words: { name: 'Stability', meaning: 'Correlation with the concepts found once more.' },
        sample: 'class',
        ids: banks.map((bank) => classNameOf(bank, images)),
        values: banks.map((bank) => likeness(bank, bank)),
        nullValues:
          nullConcepts &&
          banks.map((bank) => mean(nullBanksOf(nullConcepts, bank).map((draw) => likeness(draw, bank)))),
      });
    },
  }),
});
