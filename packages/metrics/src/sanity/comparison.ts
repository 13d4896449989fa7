import { type ChannelReduction, type Explanation, type NdArray, reduceChannels, rows } from '@espalier/core';
import { rankCorrelation } from './rank-correlation.ts';
import { structuralSimilarity } from './structural-similarity.ts';

/** Ways to say how alike two maps of one image are; 1 for equal maps. */
export const similarities = ['rank', 'signed-rank', 'ssim'] as const;

export type Similarity = (typeof similarities)[number];

/** One map per image, and how two maps of an image compare. */
export interface Comparison {
  /** Appended to the metric's name. */
  readonly suffix: string;
  /** What is compared, as people say it. */
  readonly words: string;
  mapsOf(explanation: Explanation): NdArray<'n h w'>;
  /** Null where nothing can be said: a map is constant. */
  compare(a: Float32Array, b: Float32Array): number | null;
}

export interface ComparisonChoices {
  readonly reduction: ChannelReduction;
  readonly height: number;
  readonly width: number;
  /** As Quantus compares: signed values for `ssim`, along the rows laid end to end. */
  readonly asQuantus?: boolean;
}

/** What `similarity` means for maps of `height` x `width` whose channels the explainer reads by `reduction`. */
export function comparisonBy(similarity: Similarity, choices: ComparisonChoices): Comparison {
  const { reduction, height, width, asQuantus = false } = choices;
  const signed = (explanation: Explanation, by: ChannelReduction) =>
    reduceChannels({ values: explanation.values, reduction: by });
  const absolute = (explanation: Explanation): NdArray<'n h w'> => {
    const maps = signed(explanation, reduction);
    return { ...maps, data: maps.data.map(Math.abs) };
  };
  if (similarity === 'rank') return { suffix: '', words: 'ranks', mapsOf: absolute, compare: rankCorrelation };
  if (similarity === 'signed-rank') {
    return {
      suffix: '-signed',
      words: 'signed ranks',
      mapsOf: (found) => signed(found, 'sum'),
      compare: rankCorrelation,
    };
  }
  const windows = asQuantus
    ? { height: 1, width: height * width, windowHeight: 1, windowWidth: Math.min(7, height * width) }
    : { height, width, windowHeight: Math.min(7, height), windowWidth: Math.min(7, width) };
  return {
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
