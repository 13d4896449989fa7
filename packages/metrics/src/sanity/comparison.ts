import {
  type ChannelReduction,
  type Explainer,
  type Explanation,
  type NdArray,
  reduceChannels,
  rows,
  type Split,
} from '@espalier/core';
import * as z from 'zod';
import { rankCorrelation } from './rank-correlation.ts';
import { structuralSimilarity } from './structural-similarity.ts';

/** Ways to say how alike two maps of one image are; 1 for equal maps. */
const similarities = ['rank', 'signed-rank', 'ssim'] as const;

/** A way to say how alike two maps are. */
export type Similarity = (typeof similarities)[number];

/** The options of whatever compares maps; the preset decides them where they are absent. */
export const comparisonOptions = {
  similarities: z
    .array(z.enum(similarities))
    .min(1)
    .optional()
    .describe(
      "how maps are compared: ranks of absolute values, ranks of signed values, structural similarity; the preset's if absent",
    ),
  compared: z
    .enum(['maps', 'rows'])
    .optional()
    .describe(
      "structural similarity of absolute maps, or of signed ones with their rows laid end to end; the preset's if absent",
    ),
};

/** One map per image, and how two maps of an image compare. */
export interface Comparison {
  readonly similarity: Similarity;
  /** Appended to the metric's name. */
  readonly suffix: string;
  /** What is compared, as people say it. */
  readonly words: string;
  mapsOf(explanation: Explanation): NdArray<'n h w'>;
  /** Null where nothing can be said: a map is constant. */
  compare(a: Float32Array, b: Float32Array): number | null;
}

/** The comparisons that options ask for, of the explainer's maps of such images. */
export function comparisonsOf(
  asked: { readonly similarities: readonly Similarity[]; readonly compared: 'maps' | 'rows' },
  { reduction }: Pick<Explainer, 'reduction'>,
  { height, width }: Pick<Split, 'height' | 'width'>,
): readonly Comparison[] {
  const asQuantus = asked.compared === 'rows';
  return asked.similarities.map((similarity) => comparisonBy(similarity, { reduction, height, width, asQuantus }));
}

interface ComparisonChoices {
  readonly reduction: ChannelReduction;
  readonly height: number;
  readonly width: number;
  /** As Quantus compares: signed values for `ssim`, along the rows laid end to end. */
  readonly asQuantus: boolean;
}

/** What `similarity` means for maps of `height` x `width` whose channels the explainer reads by `reduction`. */
function comparisonBy(similarity: Similarity, choices: ComparisonChoices): Comparison {
  const { reduction, height, width, asQuantus } = choices;
  const signed = (explanation: Explanation, by: ChannelReduction) =>
    reduceChannels({ values: explanation.values, reduction: by });
  const absolute = (explanation: Explanation): NdArray<'n h w'> => {
    const maps = signed(explanation, reduction);
    return { ...maps, data: maps.data.map(Math.abs) };
  };
  if (similarity === 'rank')
    return { similarity, suffix: '', words: 'ranks', mapsOf: absolute, compare: rankCorrelation };
  if (similarity === 'signed-rank') {
    const mapsOf = (found: Explanation) => signed(found, 'sum');
    return { similarity, suffix: '-signed', words: 'signed ranks', mapsOf, compare: rankCorrelation };
  }
  const windows = asQuantus
    ? { height: 1, width: height * width, windowHeight: 1, windowWidth: Math.min(7, height * width) }
    : { height, width, windowHeight: Math.min(7, height), windowWidth: Math.min(7, width) };
  return {
    similarity,
    suffix: '-ssim',
    words: 'structural similarity',
    mapsOf: (found) => (asQuantus ? signed(found, reduction) : absolute(found)),
    compare: (a, b) => structuralSimilarity(byLargest(a), byLargest(b), windows),
  };
}

/** The map divided by its largest absolute value, as maps are shown. */
function byLargest(map: Float32Array): Float32Array {
  const most = map.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  return most === 0 ? map : map.map((value) => value / most);
}

/** Whether all values of a map are equal: such a map says nothing that another could agree with. */
export function isConstant(map: Float32Array): boolean {
  return map.every((value) => value === map[0]);
}

/** The map of image `i`. */
export function mapAt(maps: NdArray<'n h w'>, i: number): Float32Array {
  return rows(maps, i, i + 1).data;
}
