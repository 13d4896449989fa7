import type { Explanation, Measurement } from '@espalier/core';
import { type Comparison, isConstant, mapAt, type Similarity } from './comparison.ts';

/** How well other maps of some images agree with their own, at some positions; 1 for equal maps. */
export interface Agreement {
  /** Takes in the other maps at `position`, from 1. */
  add(position: number, others: Explanation): void;
  /** By image, the agreement at 0 (the own map: 1), 1, 2, …; null where the own map is constant, as nothing agrees with it. */
  readonly curves: readonly (Float64Array | null)[];
}

/** Compares with the maps `own`, at `positions` positions besides their own. A constant other map agrees by 0. */
export function agreementWith(own: Explanation, comparison: Comparison, positions: number): Agreement {
  const ownMaps = comparison.mapsOf(own);
  const curves = Array.from({ length: own.values.shape[0]! }, (_, i) =>
    isConstant(mapAt(ownMaps, i)) ? null : Float64Array.from({ length: positions + 1 }, (__, at) => Number(at === 0)),
  );
  return {
    curves,
    add(position, others) {
      const maps = comparison.mapsOf(others);
      curves.forEach((curve, i) => {
        if (curve) curve[position] = comparison.compare(mapAt(ownMaps, i), mapAt(maps, i)) ?? 0;
      });
    },
  };
}

/** The images whose own map says something, which may be none, and those whose map is constant. */
export function agreeing(
  ids: readonly string[],
  curves: readonly (Float64Array | null)[],
): { readonly ids: readonly string[]; readonly curves: readonly Float64Array[]; readonly constant: readonly string[] } {
  return {
    ids: ids.filter((_, i) => curves[i] !== null),
    curves: curves.filter((curve) => curve !== null),
    constant: ids.filter((_, i) => curves[i] === null),
  };
}

/** The mean agreement that an explainer has to stay below, by how maps are compared; none was measured of others. */
export type Bars = Readonly<Partial<Record<Similarity, number>>>;

/** What the scores of every sanity check are: how alike two maps of an image are, which is to be little. */
export const sanityScore = {
  aspect: 'sanity',
  role: 'sanity-check',
  direction: 'lower-is-better',
  range: [-1, 1],
  sample: 'image',
  summary: 'mean',
} as const satisfies Partial<Measurement>;
