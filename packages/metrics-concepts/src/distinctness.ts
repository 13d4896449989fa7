import { codeSimilarity } from '@espalier/concept-matching';
import { type ConceptBank, definePlugin, inputOf, type NdArray, type ScoreRole, StudyError } from '@espalier/core';
import * as z from 'zod';
import { againstNull, mean } from './against-null.ts';
import { classNameOf, nullBanksOf } from './inputs.ts';

const metric = 'distinctness';

/** How little the concepts of a class say the same. */
export const distinctness = definePlugin({
  kind: 'metric',
  name: metric,
  cacheVersion: '2',
  usesSeed: false,
  source: {
    title: 'Overcomplete (2025), collinearity and code correlation of a dictionary',
    url: 'https://github.com/KempnerInstitute/overcomplete',
    departures: ['1 - mean over pairs instead of the largest pair, which one bad pair decides'],
  },
  options: z.strictObject({}),
  inputs: ['images', 'concepts'],
  optionalInputs: ['nullConcepts'],
  create: () => ({
    async measure(inputs) {
      const images = inputOf(inputs, 'images', metric);
      const banks = inputOf(inputs, 'concepts', metric);
      const { nullConcepts } = inputs;
      const scores = (name: string, role: ScoreRole, of: (bank: ConceptBank) => number) =>
        againstNull({
          role,
          ...{ metric: name, preset: 'corrected', direction: 'higher-is-better', range: [0, 1], sample: 'class' },
          ids: banks.map((bank) => classNameOf(bank, images)),
          values: banks.map(of),
          nullValues: nullConcepts && banks.map((bank) => mean(nullBanksOf(nullConcepts, bank).map(of))),
        });
      return [
        ...scores('concept-distinctness', 'primary', directionDistinctness),
        ...scores('concept-code-distinctness', 'companion', codeDistinctness),
      ];
    },
  }),
});

/** 1 - mean |cosine| over pairs of directions, in [0, 1]. */
export function directionDistinctness({ dictionary, classIndex }: ConceptBank): number {
  const rows = unitRows(dictionary);
  return 1 - meanOfPairs(rows.length, classIndex, (i, j) => Math.abs(dot(rows[i]!, rows[j]!)));
}

/** 1 - mean |Pearson correlation| over pairs of codes, in [0, 1]. */
export function codeDistinctness(bank: ConceptBank): number {
  const { data, columns } = codeSimilarity(bank, bank);
  return 1 - meanOfPairs(columns, bank.classIndex, (i, j) => Math.abs(data[i * columns + j]!));
}

function meanOfPairs(count: number, classIndex: number, value: (i: number, j: number) => number): number {
  if (count < 2) {
    throw new StudyError(
      'not-supported',
      `Distinctness compares pairs of concepts: expected two concepts or more, found ${count} of class ${classIndex}. ` +
        'Ask the extractor for more "concepts".',
    );
  }
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
