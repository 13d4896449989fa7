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
  const left = new Set(second);
  const alone: Item[] = [];
  const pairs: Pairing<Item>[] = [];
  for (const a of first) {
    const b = [...left].find((item) => how(item) === how(a));
    if (b === undefined) alone.push(a);
    else {
      left.delete(b);
      pairs.push({ a, b });
    }
  }
  const others = [...left];
  if (alone.length === 1 && others.length === 1) return [...pairs, { a: alone[0]!, b: others[0]! }];
  return [...pairs, ...alone.map((a) => ({ a, b: null })), ...others.map((b) => ({ a: null, b }))];
}
