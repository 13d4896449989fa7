import type { PairedDesign } from './paired-design.ts';

/** Below these, no interval holds its level: see the README. */
export const fewestUnits = 10;

/** What a sample of the population is made of: single samples, or groups of them, each with the sum of its differences. */
export interface Units {
  /** Samples in each unit. */
  readonly sizes: readonly number[];
  /** One row per replicate: the sum of each unit's differences. */
  readonly sums: readonly (readonly number[])[];
  /** The same, one row per draw; none where nothing was drawn. */
  readonly drawSums: readonly (readonly number[])[];
  /** Whether the units are the design's groups. */
  readonly areGroups: boolean;
}

/**
 * Groups are drawn first, then samples: where there are enough groups, they are the units. Samples of one class share what the class
 * has of its own (and its dictionary of concepts), so they are no independent witnesses. Where groups are fewer than
 * `fewestUnits`, samples are the units, and what is said is about these groups; unless samples share what was fitted to their group, so
 * that nothing can be said from so few.
 */
export function unitsOf({ ids, differences, byDraw = [], groups, shareFits = false }: PairedDesign): Units {
  const names = [...new Set(groups)];
  const areMany = names.length >= fewestUnits || shareFits;
  if (!groups || !areMany || names.length === ids.length)
    return { sizes: ids.map(() => 1), sums: differences, drawSums: byDraw, areGroups: false };
  const places = new Map(names.map((name, i) => [name, i]));
  const sizes = names.map(() => 0);
  for (const name of groups) sizes[places.get(name)!]!++;
  const summed = (row: readonly number[]) => {
    const totals = names.map(() => 0);
    for (const [i, value] of row.entries()) totals[places.get(groups[i]!)!]! += value;
    return totals;
  };
  return { sizes, sums: differences.map(summed), drawSums: byDraw.map(summed), areGroups: true };
}
