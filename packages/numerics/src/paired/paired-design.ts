import { StudyError } from '@espalier/core';

/** One value per sample, with stable sample ids: core's `Scores` are this. */
export interface Measured {
  readonly ids: readonly string[];
  readonly values: readonly number[];
}

/** What two models differ by on the same samples, for one or more replicates: training seeds, or draws of what is random. */
export interface PairedDesign {
  /** Samples that every replicate has, in the order of the first. */
  readonly ids: readonly string[];
  /** One row per replicate: treated minus reference, in the order of `ids`. */
  readonly differences: readonly (readonly number[])[];
  /** What samples have in common, such as their class, in the order of `ids`; absent where nothing is known of it. */
  readonly groups?: readonly string[];
  /** Whether both models' values are 0 and 1 alone; where it is absent, differences of -1, 0 and 1 alone are taken for such. */
  readonly isBinary?: boolean;
}

/**
 * Crosses training seeds with samples: every seed is compared on the samples that all of them have.
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
  const maps = seeds.flatMap(({ treated, reference }) => [valuesById(treated), valuesById(reference)]);
  const ids = (seeds[0]?.treated.ids ?? []).filter((id) => keep(id) && maps.every((values) => values.has(id)));
  const differences = seeds.map((_, seed) => {
    const [treated, reference] = [maps[2 * seed]!, maps[2 * seed + 1]!];
    return ids.map((id) => treated.get(id)! - reference.get(id)!); // `ids` are in every map
  });
  const isBinary = maps.every((values) => ids.every((id) => [0, 1].includes(values.get(id)!))); // as before
  return { ids, differences, isBinary, ...(groupOf && { groups: ids.map(groupOf) }) };
}

/**
 * A weighted sum of designs, sample by sample, over the samples that all have and replicate by replicate.
 *
 * @param designs with equally many replicates
 * @param weights one for each design
 */
export function contrast(designs: readonly PairedDesign[], weights: readonly number[]): PairedDesign {
  const [first, ...others] = designs;
  if (!first) return { ids: [], differences: [[]] };
  const places = designs.map(({ ids }) => new Map(ids.map((id, i) => [id, i])));
  const kept = first.ids.flatMap((id, i) => (others.every((_, d) => places[d + 1]!.has(id)) ? [i] : []));
  const ids = kept.map((i) => first.ids[i]!);
  const differences = first.differences.map((_, row) =>
    ids.map((id) =>
      designs.reduce((sum, design, d) => sum + weights[d]! * design.differences[row]![places[d]!.get(id)!]!, 0),
    ),
  );
  const { groups } = first;
  return { ids, differences, isBinary: false, ...(groups && { groups: kept.map((i) => groups[i]!) }) };
}

function valuesById({ ids, values }: Measured): ReadonlyMap<string, number> {
  const map = new Map(ids.map((id, i) => [id, values[i]!]));
  if (ids.length === values.length && map.size === ids.length) return map;
  throw new StudyError(
    'core/shape-mismatch',
    `Paired statistics need one value per sample and every sample once; found ${values.length} values for ` +
      `${ids.length} ids, ${map.size} of them different. A metric returns one value per sample.`,
  );
}
