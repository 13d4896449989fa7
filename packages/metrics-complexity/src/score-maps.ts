import {
  type Attributions,
  type ChannelReduction,
  expectFinite,
  type Measurement,
  omitted,
  reduceChannels,
  rows,
} from '@espalier/core';

/** What both scores of this package are: of maps alone, and less is simpler. */
type Words = Pick<Measurement, 'metric' | 'words' | 'range'>;

/** Scores the absolute map of every image by `score`; one that is zero everywhere has nothing to count. */
export function scoreMaps(
  attributions: Attributions,
  reduction: ChannelReduction = attributions.reduction,
  wordsFor: (pixels: number) => Words,
  score: (map: Float32Array) => number,
): Measurement {
  const maps = reduceChannels(attributions, reduction);
  expectFinite(maps.data, `the attributions by "${attributions.method}"`);
  const all = attributions.ids.map((_, i) => rows(maps, i, i + 1).data.map(Math.abs));
  const isZero = all.map((map) => map.every((value) => value === 0));
  const of = (zero: boolean) => attributions.ids.filter((_, i) => isZero[i] === zero);
  return {
    ...wordsFor(maps.shape[1]! * maps.shape[2]!),
    aspect: 'complexity',
    role: 'primary',
    settings: { reduction },
    direction: 'lower-is-better',
    sample: 'image',
    summary: 'mean',
    ids: of(false),
    values: all.filter((_, i) => !isZero[i]).map(score),
    ...omitted([{ reason: 'the map is zero everywhere', ids: of(true) }]),
  };
}
