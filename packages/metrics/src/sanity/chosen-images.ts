import { deriveSeed, type Split } from '@espalier/core';

/** Some of the images of a split, and the ids of the others. */
export interface ChosenImages {
  readonly indices: readonly number[];
  readonly others: readonly string[];
  /** Why the others have no score. */
  readonly reason: string;
}

/**
 * `perClass` images of every class, or all where a class has fewer; null takes all. Which ones depends on the ids alone,
 * so an image that is taken among many is taken among some of them, too.
 */
export function chooseImages({ ids, labels }: Split, perClass: number | null): ChosenImages {
  const places = ids.map((id) => deriveSeed(0, 'asked-about', id));
  const taken = new Map<number, number>();
  const chosen = new Set<number>();
  for (const index of [...ids.keys()].sort((a, b) => places[a]! - places[b]!)) {
    const before = taken.get(labels[index]!) ?? 0;
    taken.set(labels[index]!, before + 1);
    if (perClass === null || before < perClass) chosen.add(index);
  }
  const indices = [...ids.keys()].filter((index) => chosen.has(index));
  const others = ids.filter((_, index) => !chosen.has(index));
  return { indices, others, reason: `only ${perClass} images per class are asked about` };
}
