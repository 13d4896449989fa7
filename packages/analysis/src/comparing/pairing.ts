import { group } from 'd3-array';

/** What two runs have of one thing; null for what only the other has. */
export interface Pairing<Item> {
  readonly a: Item | null;
  readonly b: Item | null;
}

/** How things of two runs are recognised as one. */
export interface Identity<Item> {
  /** What it is about. */
  readonly about: (item: Item) => string;
  /** How exactly it was measured: tells those of one subject apart. */
  readonly how: (item: Item) => string;
}

/**
 * Items of two runs side by side, in the order of the first run and then of the second: those that are about the same and were
 * measured in the same way; then, where each run has one left that is about the same, these two, however they were measured.
 */
export function pairUp<Item>(first: readonly Item[], second: readonly Item[], same: Identity<Item>): Pairing<Item>[] {
  const [before, after] = [group(first, same.about), group(second, same.about)];
  const subjects = [...new Set([...before.keys(), ...after.keys()])];
  return subjects.flatMap((subject) => pairsOf(before.get(subject) ?? [], after.get(subject) ?? [], same.how));
}

function pairsOf<Item>(first: readonly Item[], second: readonly Item[], how: Identity<Item>['how']): Pairing<Item>[] {
  const waiting = group(second, how);
  const pairs = first.map((a): Pairing<Item> => ({ a, b: waiting.get(how(a))?.shift() ?? null }));
  const others = [...waiting.values()].flat();
  const alone = pairs.filter(({ b }) => b === null);
  if (alone.length === 1 && others.length === 1) return pairs.map(({ a, b }) => ({ a, b: b ?? others[0]! })); // the only one left
  return [...pairs, ...others.map((b) => ({ a: null, b }))];
}
