import {
  type Attributions,
  type ChannelReduction,
  channelReductions,
  channelReductionWords,
  type Given,
  type Measurement,
  type NdArray,
  omitted,
  placesOf,
  reduceChannels,
  rows,
  type ScoreWords,
  type Services,
  StudyError,
} from '@espalier/core';
import { expectFiniteMap } from '../inputs.ts';
import type { LocalisationOptions } from './localisation-options.ts';
import { measureRegion, measureRegionAsQuantus, type RegionMeasures } from './region-measures.ts';
import { type FoundRegions, readDistractors, readRegions } from './regions.ts';

const words = {
  'pointing-game': {
    name: 'Pointing game',
    meaning: 'Share of maps whose largest value lies in a known region.',
    unit: '%',
  },
  'relevance-mass': { name: 'Relevance mass', meaning: 'Share of a map’s sum that lies in the known regions.' },
  'relevance-rank': {
    name: 'Relevance rank',
    meaning: 'Share of a map’s largest values that lie in the known regions, of as many as these have pixels.',
  },
  'distractor-mass': {
    name: 'Relevance mass on distractors',
    meaning: 'Share of a map’s sum that lies on what only looks like evidence.',
  },
  'region-area': {
    name: 'Area of the regions',
    meaning: 'What a uniform map scores on the pointing game, mass and rank.',
  },
  'distractor-area': { name: 'Area of the distractors', meaning: 'What a uniform map has on the distractors.' },
} as const satisfies Readonly<Record<string, ScoreWords>>;

type Metric = keyof typeof words;

interface Row {
  readonly id: string;
  readonly measures: RegionMeasures;
  /** The region's share of the image. */
  readonly area: number;
}

/** Measures every map that has a region, by the channel reduction asked for and by the others. */
export async function measureLocalisation(
  { images, attributions }: Given<'images' | 'attributions'>,
  options: LocalisationOptions,
  services: Services,
): Promise<readonly Measurement[]> {
  const places = placesOf(attributions.ids, images, 'localisation');
  const regions = await readRegions(images, places, options.regions);
  const distractors = options.regions ? null : await readDistractors(images, places);
  const known = against(regions, attributions, options);
  logZeros(known.found, options.negatives, services);
  const beside = distractors && against(distractors, attributions, options);
  return [
    known.scores('pointing-game', ({ measures }) => measures.pointing),
    known.mass('relevance-mass'),
    known.scores('relevance-rank', ({ measures }) => measures.rank),
    ...(beside ? [{ ...beside.mass('distractor-mass'), direction: 'lower-is-better' as const }] : []),
    ...(options.area ? [known.areaScores('region-area')] : []),
    ...(options.area && beside ? [beside.areaScores('distractor-area')] : []),
  ];
}

/** Scores of the maps against one set of regions. */
function against(known: FoundRegions, attributions: Attributions, options: LocalisationOptions) {
  const reduction = options.reduction ?? attributions.reduction;
  const negatives = options.negatives;
  const rowsBy = (by: ChannelReduction) => measured(attributions, by, known, options);
  const found = rowsBy(reduction);
  // A signed map may have no mass by one reduction and one by another.
  const others = negatives === 'keep' ? [] : channelReductions.filter((other) => other !== reduction);
  const rescored = others.map((other) => ({ reduction: other, found: rowsBy(other) }));
  const scores = (metric: Metric, read: (row: Row) => number | null): Measurement => {
    const scored = found.filter((row) => read(row) !== null);
    const without = found.filter((row) => read(row) === null).map(({ id }) => id);
    return {
      metric,
      words: words[metric],
      aspect: 'localisation',
      role: 'primary',
      settings: { reduction },
      direction: 'higher-is-better',
      range: [0, 1],
      sample: 'image',
      ids: scored.map(({ id }) => id),
      values: scored.map((row) => read(row)!),
      ...omitted([
        { reason: known.reason, ids: known.missing },
        { reason: 'the map adds up to 0', ids: without },
      ]),
      ...(others.length > 0 && {
        definitions: rescored.map((other) => ({
          name: channelReductionWords[other.reduction],
          settings: { reduction: other.reduction },
          values: other.found.map((row) => read(row)!),
        })),
      }),
      summary: 'mean',
    };
  };
  const range: Measurement['range'] = negatives === 'keep' ? [null, null] : [0, 1];
  const massOf = ({ measures, area }: Row) => measures.mass ?? (negatives === 'keep' ? null : area);
  const areaScores = (metric: Metric): Measurement => {
    const { definitions: _, ...area } = scores(metric, (row) => row.area);
    return { ...area, role: 'companion', direction: 'neither' };
  };
  return { found, scores, areaScores, mass: (metric: Metric): Measurement => ({ ...scores(metric, massOf), range }) };
}

/** One row for each image that has a region. */
function measured(
  attributions: Attributions,
  reduction: ChannelReduction,
  regions: FoundRegions,
  options: LocalisationOptions,
): readonly Row[] {
  const maps = signedAs(options.negatives, reduceChannels(attributions, reduction));
  const measure = options.ties === 'on-average' ? measureRegion : measureRegionAsQuantus;
  return attributions.ids.flatMap((id, i) => {
    const region = regions.masks[i];
    if (!region) return [];
    const map = rows(maps, i, i + 1).data;
    expectFiniteMap(map, id, attributions);
    if (map.length !== region.length)
      throw new StudyError(
        'core/shape-mismatch',
        `The attribution map of "${id}" by "${attributions.method}" has ${map.length} pixels, its region ${region.length}. ` +
          'Connect the images that were explained.',
      );
    const area = region.reduce((sum, inside) => sum + inside, 0) / map.length;
    return [{ id, measures: measure(map, region), area }];
  });
}

type Negatives = LocalisationOptions['negatives'];

function signedAs(negatives: Negatives, maps: NdArray<'n h w'>): NdArray<'n h w'> {
  if (negatives === 'keep') return maps;
  const change = negatives === 'drop' ? (value: number) => Math.max(0, value) : Math.abs;
  return { ...maps, data: maps.data.map(change) };
}

function logZeros(found: readonly Row[], negatives: Negatives, { log }: Services): void {
  const zeros = found.filter(({ measures }) => measures.mass === null).length;
  if (zeros === 0) return;
  const means = negatives === 'keep' ? 'their mass is not defined' : 'their mass counts as that of a uniform map';
  log(`localisation: ${zeros} of ${found.length} maps add up to 0; ${means}.`);
}
