import {
  type Attributions,
  type MetricInputs,
  type NdArray,
  reduceChannels,
  rows,
  type Scores,
  type Services,
  StudyError,
} from '@espalier/core';
import { expectFiniteMap, inputOf, placesOf } from '../inputs.ts';
import type { LocalisationOptions } from './localisation.ts';
import { measureRegion, measureRegionAsQuantus, type RegionMeasures } from './region-measures.ts';
import { type FoundRegions, readRegions } from './regions.ts';

interface Row {
  readonly id: string;
  readonly measures: RegionMeasures;
  /** The region's share of the image. */
  readonly area: number;
}

/** Measures every map that has a region. */
export async function measureLocalisation(
  inputs: Partial<MetricInputs>,
  options: LocalisationOptions,
  services: Services,
): Promise<readonly Scores[]> {
  const images = inputOf(inputs, 'images', 'localisation');
  const attributions = inputOf(inputs, 'attributions', 'localisation');
  const regions = await readRegions(images, placesOf(attributions, images, 'localisation'), options.regions);
  const maps = signedAs(negativesOf(options), reduceChannels(attributions, options.reduction));
  const measure = options.preset === 'corrected' ? measureRegion : measureRegionAsQuantus;
  const found: Row[] = [];
  for (const [i, id] of attributions.ids.entries()) {
    const region = regions.masks[i];
    if (!region) continue;
    const map = rows(maps, i, i + 1).data;
    expectFiniteMap(map, id, attributions);
    expectSameSize(map, region, id, attributions);
    found.push({
      id,
      measures: measure(map, region),
      area: region.reduce((sum, inside) => sum + inside, 0) / map.length,
    });
  }
  return scoresOf(found, regions, options, services);
}

function negativesOf({ preset, negatives }: LocalisationOptions): 'drop' | 'absolute' | 'keep' {
  return negatives ?? (preset === 'corrected' ? 'drop' : 'keep');
}

function signedAs(negatives: 'drop' | 'absolute' | 'keep', maps: NdArray<'n h w'>): NdArray<'n h w'> {
  if (negatives === 'keep') return maps;
  const change = negatives === 'drop' ? (value: number) => Math.max(0, value) : Math.abs;
  return { ...maps, data: maps.data.map(change) };
}

function scoresOf(
  found: readonly Row[],
  regions: FoundRegions,
  options: LocalisationOptions,
  { log }: Services,
): readonly Scores[] {
  const isSigned = negativesOf(options) === 'keep';
  const zeros = found.filter(({ measures }) => measures.mass === null);
  if (zeros.length > 0) {
    const means = isSigned ? 'their mass is not defined' : 'their mass counts as that of a uniform map';
    log(`localisation: ${zeros.length} of ${found.length} maps add up to 0; ${means}.`);
  }
  const undefinedMass = isSigned ? zeros.map(({ id }) => id) : [];
  const scores = (metric: string, rowsWithIt: readonly Row[], read: (row: Row) => number): Scores => ({
    metric,
    preset: presetName(options),
    direction: 'higher-is-better',
    range: [0, 1],
    sample: 'image',
    ids: rowsWithIt.map(({ id }) => id),
    values: rowsWithIt.map(read),
    ...omitted([{ reason: regions.reason, ids: regions.missing }]),
    summary: 'mean',
  });
  const withMass = found.filter(({ id }) => !undefinedMass.includes(id));
  const missingMass = [
    { reason: regions.reason, ids: regions.missing },
    { reason: 'the map adds up to 0', ids: undefinedMass },
  ];
  const all: readonly Scores[] = [
    scores('pointing-game', found, ({ measures }) => measures.pointing),
    {
      ...scores('relevance-mass', withMass, ({ measures, area }) => measures.mass ?? area),
      range: isSigned ? [null, null] : [0, 1],
      ...omitted(missingMass),
    },
    scores('relevance-rank', found, ({ measures }) => measures.rank),
    { ...scores('region-area', found, ({ area }) => area), direction: 'neither' },
  ];
  return all.filter(({ ids }) => ids.length > 0);
}

function omitted(groups: NonNullable<Scores['omitted']>): Pick<Scores, 'omitted'> {
  const some = groups.filter(({ ids }) => ids.length > 0);
  return some.length > 0 ? { omitted: some } : {};
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
    'shape-mismatch',
    `The attribution map of "${id}" by "${method}" has ${map.length} pixels, its region ${region.length}. ` +
      'Connect the images that were explained.',
  );
}
