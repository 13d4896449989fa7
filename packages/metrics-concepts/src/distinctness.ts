import { codeSimilarity } from '@espalier/concept-matching';
import { apartFindings, type ConceptBank, defineMetric, type NdArray, omitted, type ScoreWords } from '@espalier/core';
import { mean } from '@espalier/numerics';
import * as z from 'zod';
import { againstNull } from './against-null.ts';
import { classNameOf, nullBanksOf } from './inputs.ts';

const metric = 'distinctness';

/**
 * How little the concepts of a class say the same.
 * @example "scores": { "use": "quality/distinctness", "in": { "images": …, "concepts": … } }
 */
export const distinctness = defineMetric({
  name: metric,
  cacheVersion: '4',
  usesSeed: false,
  source: {
    title: 'Overcomplete (2025), collinearity and code correlation of a dictionary',
    url: 'https://github.com/KempnerInstitute/overcomplete',
    departures: ['1 - mean over pairs instead of the largest pair, which one bad pair decides'],
  },
  options: z.strictObject({}),
  inputs: ['images', 'concepts'],
  optionalInputs: ['nullConcepts'],
  check: (_, known) => apartFindings(known),
  create: () => ({
    async measure({ images, concepts: banks, nullConcepts }) {
      const drawsOf = (bank: ConceptBank) => (nullConcepts ? nullBanksOf(nullConcepts, bank) : []);
      const paired = banks.filter((bank) => [bank, ...drawsOf(bank)].every(hasPairs));
      const alone = banks.filter((bank) => !paired.includes(bank)).map((bank) => classNameOf(bank, images));
      const scores = (name: keyof typeof words, of: (bank: ConceptBank) => number) =>
        againstNull({
          role: name === 'concept-distinctness' ? 'primary' : 'companion',
          words: words[name],
          ...{ metric: name, direction: 'higher-is-better', range: [0, 1], sample: 'class' },
          ids: paired.map((bank) => classNameOf(bank, images)),
          values: paired.map(of),
          ...omitted([{ reason: 'fewer than two concepts, so no pair', ids: alone }]),
          nullValues: nullConcepts && paired.map((bank) => mean(drawsOf(bank).map(of))),
        });
      return [
        ...scores('concept-distinctness', directionDistinctness),
        ...scores('concept-code-distinctness', codeDistinctness),
      ];
    },
  }),
});

const words = {
  'concept-distinctness': { name: 'Distinctness of directions', meaning: '1 − mean |cosine| of two concepts.' },
  'concept-code-distinctness': { name: 'Distinctness of codes', meaning: '1 − mean |correlation| of two concepts.' },
} as const satisfies Readonly<Record<string, ScoreWords>>;

function hasPairs({ dictionary }: ConceptBank): boolean {
  return dictionary.shape[0]! > 1;
}

/** 1 - mean |cosine| over pairs of two or more directions, in [0, 1]. */
export function directionDistinctness({ dictionary }: ConceptBank): number {
  const rows = unitRows(dictionary);
  return 1 - meanOfPairs(rows.length, (i, j) => Math.abs(dot(rows[i]!, rows[j]!)));
}

/** 1 - mean |Pearson correlation| over pairs of the codes of two or more concepts, in [0, 1]. */
export function codeDistinctness(bank: ConceptBank): number {
  const { data, columns } = codeSimilarity(bank, bank);
  return 1 - meanOfPairs(columns, (i, j) => Math.abs(data[i * columns + j]!));
}

function meanOfPairs(count: number, value: (i: number, j: number) => number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) for (let j = 0; j < i; j++) sum += Math.min(1, value(i, j));
  return sum / ((count * (count - 1)) / 2);
}

/** Rows of length 1; a row of zeros stays. */
function unitRows({ data, shape }: NdArray<'r d'>): readonly Float64Array[] {
  const [concepts, features] = shape as [number, number]; // 'r d' has two sizes
  return Array.from({ length: concepts }, (_, r) => {
    const row = Float64Array.from(data.subarray(r * features, (r + 1) * features));
    const length = Math.sqrt(dot(row, row));
    return length === 0 ? row : row.map((value) => value / length);
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
