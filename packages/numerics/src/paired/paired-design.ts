import { StudyError } from '@espalier/core';
import { mean } from '../means.ts';

/** One value per sample, with stable sample ids: core's `Scores` are this. */
export interface Measured {
  readonly ids: readonly string[];
  readonly values: readonly number[];
  /** A row for each draw of something random, whose mean the values are; none where nothing was drawn, or nothing is known of it. */
  readonly byDraw?: readonly (readonly number[])[];
}

/** What two models differ by on the same samples, for one or more replicates: training seeds, or draws of what is random. */
export interface PairedDesign {
  /** Samples that every replicate has, in the order of the first. */
  readonly ids: readonly string[];
  /** One row per replicate: treated minus reference, in the order of `ids`. */
  readonly differences: readonly (readonly number[])[];
  /**
   * One row per draw of what is the same for every replicate, such as random networks: the mean over the replicates, in the order of
   * `ids`. Absent where nothing was drawn so.
   */
  readonly byDraw?: readonly (readonly number[])[];
  /** What samples have in common, such as their class, in the order of `ids`; absent where nothing is known of it. */
  readonly groups?: readonly string[];
  /** Whether samples of a group share what was fitted to it: then groups are the units, however few. */
  readonly shareFits?: boolean;
  /** Whether both models' values are 0 and 1 alone; where it is absent, differences of -1, 0 and 1 alone are taken for such. */
  readonly isBinary?: boolean;
}

/**
 * Crosses training seeds with samples, and with draws where all values have equally many, more than one: every seed is compared on the
 * samples that all of them have, and draw d on each side is the same draw.
 *
 * @param seeds per seed, both models' values; the difference is `treated` minus `reference`
 * @param keep samples to leave in; all when absent
 * @param groupOf what a sample has in common with others; nothing is known of it when absent
 * @throws StudyError `core/shape-mismatch` when ids and values do not pair up, or an id is there twice
 */
export function crossSeeds(
  seeds: readonly { readonly treated: Measured; readonly reference: Measured }[],
  keep: (id: string) => boolean = () => true,
  groupOf?: (id: string) => string,
): PairedDesign {
  const sides = seeds.flatMap(({ treated, reference }) => [treated, reference]);
  const places = sides.map(placesById);
  const ids = (seeds[0]?.treated.ids ?? []).filter((id) => keep(id) && places.every((known) => known.has(id)));
  const differencesOf = (seed: number, rowOf: (side: Measured) => readonly number[]) =>
    ids.map((id) => {
      const [treated, reference] = [2 * seed, 2 * seed + 1].map((s) => rowOf(sides[s]!)[places[s]!.get(id)!]!);
      return treated! - reference!; // `ids` have a place in every side
    });
  const differences = seeds.map((_, seed) => differencesOf(seed, ({ values }) => values));
  const draws = drawsOf(sides);
  const byDraw = Array.from({ length: draws }, (_, draw) => {
    const rows = seeds.map((__, seed) => differencesOf(seed, (side) => side.byDraw![draw]!));
    return ids.map((__, i) => mean(rows.map((row) => row[i]!)));
  });
  const isBinary = sides.every(({ values }, s) => ids.every((id) => [0, 1].includes(values[places[s]!.get(id)!]!)));
  return { ids, differences, ...(draws > 0 && { byDraw }), isBinary, ...(groupOf && { groups: ids.map(groupOf) }) };
}

/** How many draws all sides have; 0 where they do not pair, or there is one, which says nothing of the others. */
function drawsOf(sides: readonly Measured[]): number {
  const counts = new Set(sides.map(({ byDraw = [] }) => byDraw.length));
  const [count = 0] = counts;
  return counts.size === 1 && count > 1 ? count : 0;
}

/**
 * A weighted sum of designs, sample by sample, over the samples that all have and replicate by replicate.
 *
 * @param designs with equally many replicates and draws
 * @param weights one for each design
 */
export function contrast(designs: readonly PairedDesign[], weights: readonly number[]): PairedDesign {
  const [first, ...others] = designs;
  if (!first) return { ids: [], differences: [[]] };
  const places = designs.map(({ ids }) => new Map(ids.map((id, i) => [id, i])));
  const kept = first.ids.flatMap((id, i) => (others.every((_, d) => places[d + 1]!.has(id)) ? [i] : []));
  const ids = kept.map((i) => first.ids[i]!);
  const summed = (rowOf: (design: PairedDesign) => readonly number[]) =>
    ids.map((id) => designs.reduce((sum, design, d) => sum + weights[d]! * rowOf(design)[places[d]!.get(id)!]!, 0));
  const differences = first.differences.map((_, row) => summed((design) => design.differences[row]!));
  const byDraw = first.byDraw?.map((_, row) => summed((design) => design.byDraw![row]!));
  const { groups, shareFits = false } = first;
  return {
    ...{ ids, differences, isBinary: false },
    ...(byDraw && { byDraw }),
    ...(groups && { groups: kept.map((i) => groups[i]!), shareFits }),
  };
}

function placesById({ ids, values }: Measured): ReadonlyMap<string, number> {
  const map = new Map(ids.map((id, i) => [id, i]));
  if (ids.length === values.length && map.size === ids.length) return map;
  throw new StudyError(
    'core/shape-mismatch',
    `Paired statistics need one value per sample and every sample once; found ${values.length} values for ` +
      `${ids.length} ids, ${map.size} of them different. A metric returns one value per sample.`,
  );
}
