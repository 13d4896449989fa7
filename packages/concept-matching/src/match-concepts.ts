import { bestAssignment } from '@espalier/numerics';
import type { Similarity } from './code-similarity.ts';

/** A concept before (`from`) and one after (`to`), by their numbers in their banks. */
export interface Match {
  readonly from: number;
  readonly to: number;
  readonly similarity: number;
}

/** What became of the concepts of one bank in another. Every concept before is in exactly one of `pairs`, `merges`, `deaths`. */
export interface Lineage {
  /** Live on: matched one to one, and alike enough. */
  readonly pairs: readonly Match[];
  /** Have no partner of their own, and are alike enough to the partner of another. */
  readonly merges: readonly Match[];
  /** Are like nothing after. */
  readonly deaths: readonly number[];
  /** After: no partner of their own, and alike enough to a concept that lives on. */
  readonly splits: readonly Match[];
  /** After: like nothing before. */
  readonly births: readonly number[];
  /** Mean similarity over the best one-to-one assignment, alike enough or not. */
  readonly similarity: number;
}

/**
 * Matches concepts one to one so that the sum of similarities is largest, then tells what became of each.
 *
 * @param similarity before x after, in [-1, 1]
 * @param threshold least similarity at which two concepts count as one
 */
export function matchConcepts({ rows, columns, data }: Similarity, threshold: number): Lineage {
  const assigned = bestAssignment(data, rows, columns);
  const at = (from: number, to: number): Match => ({ from, to, similarity: data[from * columns + to]! });
  const partners = [...assigned].flatMap((to, from) => (to < 0 ? [] : [at(from, to)]));
  const pairs = partners.filter(({ similarity }) => similarity >= threshold);
  const goneFrom = without(rows, new Set(pairs.map(({ from }) => from)));
  const newTo = without(columns, new Set(pairs.map(({ to }) => to)));
  const merges = goneFrom.flatMap((from) => nearest(pairs.map(({ to }) => at(from, to))));
  const splits = newTo.flatMap((to) => nearest(pairs.map(({ from }) => at(from, to))));
  const merged = new Set(merges.map(({ from }) => from));
  const split = new Set(splits.map(({ to }) => to));
  return {
    pairs,
    merges,
    deaths: goneFrom.filter((from) => !merged.has(from)),
    splits,
    births: newTo.filter((to) => !split.has(to)),
    similarity: partners.reduce((sum, match) => sum + match.similarity, 0) / partners.length,
  };

  /** The most similar of the candidates, where it is alike enough. */
  function nearest(candidates: readonly Match[]): readonly Match[] {
    const [first, ...others] = candidates;
    if (!first) return [];
    const best = others.reduce((found, match) => (match.similarity > found.similarity ? match : found), first);
    return best.similarity >= threshold ? [best] : [];
  }
}

function without(count: number, taken: ReadonlySet<number>): readonly number[] {
  return Array.from({ length: count }, (_, i) => i).filter((i) => !taken.has(i));
}
