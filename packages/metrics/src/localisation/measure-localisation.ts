import {
  type Attributions,
  type ChannelReduction,
  channelReductions,
  inputOf,
  type MetricInputs,
  type NdArray,
  reduceChannels,
  rows,
  type Scores,
  type Services,
  type Settings,
  StudyError,
} from '@espalier/core';
import { expectFiniteMap, placesOf } from '../inputs.ts';
import { omitted } from '../omitted.ts';
import type { LocalisationOptions } from './localisation.ts';
import { measureRegion, measureRegionAsQuantus, type RegionMeasures } from './region-measures.ts';
import { type FoundRegions, readDistractors, readRegions } from './regions.ts';

interface Row {
  readonly id: string;
  readonly measures: RegionMeasures;
  /** The region's share of the image. */
  readonly area: number;
}

/** Measures every map that has a region, by the channel reduction asked for and by the others. */
export async function measureLocalisation(
  inputs: Partial<MetricInputs>,
  options: LocalisationOptions,
  services: Services,
): Promise<readonly Scores[]> {
  const images = inputOf(inputs, 'images', 'localisation');
  const attributions = inputOf(inputs, 'attributions', 'localisation');
  const places = placesOf(attributions, images, 'localisation');
  const regions = await readRegions(images, places, options.regions);
  const distractors = options.regions ? null : await readDistractors(images, places);
  const reduction = options.reduction ?? attributions.reduction;
  const negatives = negativesOf(options);
  const settings: Settings = { ...attributions.settings, reduction, negatives };
  // A signed map may have no mass by one reduction and one by another.
  const others = negatives === 'keep' ? [] : channelReductions.filter((other) => other !== reduction);
  /** Scores of the maps against one set of regions. */
  const against = (known: FoundRegions) => {
    const rowsBy = (by: ChannelReduction) => measured(attributions, by, known, options);
    const found = rowsBy(reduction);
    const rescored = others.map((other) => ({ settings: { reduction: other }, found: rowsBy(other) }));
    const scores = (metric: string, read: (row: Row) => number | null): Scores => {
      const scored = found.filter((row) => read(row) !== null);
      const without = found.filter((row) => read(row) === null).map(({ id }) => id);
      return {
        metric,
        preset: presetName(options),
        aspect: 'localisation',
        settings,
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
            settings: other.settings,
            values: other.found.map((row) => read(row)!),
          })),
        }),
        summary: 'mean',
      };
    };
    const range: Scores['range'] = negatives === 'keep' ? [null, null] : [0, 1];
    const massOf = ({ measures, area }: Row) => measures.mass ?? (negatives === 'keep' ? null : area);
    const areaScores = (metric: string): Scores => {
      const { definitions: _, ...area } = scores(metric, (row) => row.area);
      return { ...area, role: 'companion', direction: 'neither' };
    };
    return { found, scores, areaScores, mass: (metric: string): Scores => ({ ...scores(metric, massOf), range }) };
  };
  const known = against(regions);
  logZeros(known.found, negatives, services);
  const beside = distractors && against(distractors);
  return [
    known.scores('pointing-game', ({ measures }) => measures.pointing),
    known.mass('relevance-mass'),
    known.scores('relevance-rank', ({ measures }) => measures.rank),
    ...(beside ? [{ ...beside.mass('distractor-mass'), direction: 'lower-is-better' as const }] : []),
    ...(options.area ? [known.areaScores('region-area')] : []),
    ...(options.area && beside ? [beside.areaScores('distractor-area')] : []),
  ];
}

/** One row for each image that has a region. */
function measured(
  attributions: Attributions,
  reduction: ChannelReduction,
  regions: FoundRegions,
  options: LocalisationOptions,
): readonly Row[] {
  const maps = signedAs(negativesOf(options), reduceChannels(attributions, reduction));
  const measure = options.preset === 'corrected' ? measureRegion : measureRegionAsQuantus;
  return attributions.ids.flatMap((id, i) => {
    const region = regions.masks[i];
    if (!region) return [];
    const map = rows(maps, i, i + 1).data;
    expectFiniteMap(map, id, attributions);
    expectSameSize(map, region, id, attributions);
    const area = region.reduce((sum, inside) => sum + inside, 0) / map.length;
    return [{ id, measures: measure(map, region), area }];
  });
}

type Negatives = NonNullable<LocalisationOptions['negatives']>;

function negativesOf({ preset, negatives }: LocalisationOptions): Negatives {
  return negatives ?? (preset === 'corrected' ? 'drop' : 'keep');
}

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

function presetName({ preset, regions, negatives, reduction }: LocalisationOptions): string {
  const changes = [
    ...(regions ? [`regions=${regions.join('+')}`] : []),
    ...(negatives ? [`negatives=${negatives}`] : []),
    ...(reduction ? [`reduction=${reduction}`] : []),
  ];
  return changes.length === 0 ? preset : `${preset} (${changes.join(', ')})`;
}

function expectSameSize(
  map: Float32Array,
  region: Uint8Array,
  id: string,
  { method }: Pick<Attributions, 'method'>,
): void {
  if (map.length === region.length) return;
  throw new StudyError(
    'core/shape-mismatch',
    `The attribution map of "${id}" by "${method}" has ${map.length} pixels, its region ${region.length}. ` +
      'Connect the images that were explained.',
  );
}
