/** A map whose pixels are in order, so that one sort serves every region that it is held against. */
export interface RankedMap {
  readonly values: Float32Array;
  /** Pixels by falling value; among equal ones the lower index first. */
  readonly strongest: Uint32Array;
}

/** @param values finite, one per pixel */
export function rankMap(values: Float32Array): RankedMap {
  const strongest = Uint32Array.from(values.keys()).sort((a, b) => values[b]! - values[a]! || a - b);
  return { values, strongest };
}

/**
 * Area under the ROC curve: the chance that a pixel inside has a larger value than one outside, ties counting half.
 *
 * @param inside one byte per pixel: 1 where it is
 * @param outside one byte per pixel; pixels in neither do not count
 * @returns in [0, 1]; null when nothing is inside, or nothing outside
 */
export function areaUnderCurve(
  { values, strongest }: RankedMap,
  inside: Uint8Array,
  outside: Uint8Array,
): number | null {
  let [insideAbove, outsideSeen, wins] = [0, 0, 0];
  for (let start = 0; start < strongest.length; ) {
    let [end, hits, misses] = [start, 0, 0];
    while (end < strongest.length && values[strongest[end]!] === values[strongest[start]!]) {
      const pixel = strongest[end++]!;
      hits += inside[pixel]!;
      misses += outside[pixel]!;
    }
    wins += misses * (insideAbove + hits / 2);
    insideAbove += hits;
    outsideSeen += misses;
    start = end;
  }
  return insideAbove === 0 || outsideSeen === 0 ? null : wins / (insideAbove * outsideSeen);
}

/**
 * Intersection over union of a region and the strongest pixels of a map, as many as the region has. Pixels where the map
 * is not positive are never taken.
 *
 * @param inside one byte per pixel: 1 where it is
 * @returns in [0, 1]; 0 when both are empty
 */
export function overlap({ values, strongest }: RankedMap, inside: Uint8Array): number {
  const area = inside.reduce((count, value) => count + value, 0);
  let [taken, shared] = [0, 0];
  while (taken < area && values[strongest[taken]!]! > 0) shared += inside[strongest[taken++]!]!;
  const union = area + taken - shared;
  return union === 0 ? 0 : shared / union;
}
