import { type NdArray, ndArray } from '../array.ts';
import type { Attributions, ChannelReduction } from './explainer.ts';

const reductions: Readonly<Record<ChannelReduction, (values: Float32Array, start: number, end: number) => number>> = {
  sum: (values, start, end) => fold(values, start, end, (sum, value) => sum + value),
  'abs-sum': (values, start, end) => Math.abs(fold(values, start, end, (sum, value) => sum + value)),
  'sum-abs': (values, start, end) => fold(values, start, end, (sum, value) => sum + Math.abs(value)),
  'max-abs': (values, start, end) => fold(values, start, end, (most, value) => Math.max(most, Math.abs(value))),
  l2: (values, start, end) => Math.sqrt(fold(values, start, end, (sum, value) => sum + value * value)),
};

/** Every name of a `ChannelReduction`. */
export const channelReductions = Object.keys(reductions) as readonly ChannelReduction[]; // the record's own keys

/** Each reduction as people say it. */
export const channelReductionWords: Readonly<Record<ChannelReduction, string>> = {
  sum: 'sum over channels',
  'abs-sum': '|sum over channels|',
  'sum-abs': 'sum of |channels|',
  'max-abs': 'largest |channel|',
  l2: 'Euclidean norm over channels',
};

/** One value per pixel from the channels of `values`, by the attribution's own reduction unless another is named. */
export function reduceChannels(
  attributions: Pick<Attributions, 'values' | 'reduction'>,
  reduction: ChannelReduction = attributions.reduction,
): NdArray<'n h w'> {
  const { data, shape } = attributions.values;
  const channels = shape[3]!;
  const reduce = reductions[reduction];
  const map = new Float32Array(data.length / channels);
  for (let i = 0; i < map.length; i++) map[i] = reduce(data, i * channels, (i + 1) * channels);
  return ndArray('n h w', shape.slice(0, 3), map);
}

function fold(
  values: Float32Array,
  start: number,
  end: number,
  step: (total: number, value: number) => number,
): number {
  let total = 0;
  for (let i = start; i < end; i++) total = step(total, values[i]!);
  return total;
}
