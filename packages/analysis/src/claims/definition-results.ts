import type { Settings as Choices } from '@espalier/core';
import { comparePaired, type Interval, type PairedDesign } from '@espalier/numerics';
import type { Alternative } from './definitions.ts';
import { pairedDesign } from './designs.ts';
import { nearCopies } from './near-copies.ts';

/** The same claim under another definition; in no family. */
export interface DefinitionResult {
  readonly name: string;
  readonly settings: Choices;
  readonly difference: number;
  readonly interval: Interval | null;
  /** The difference points where the claim's points. */
  readonly sameSign: boolean;
  /** The definition before it that it nearly copies, null for the claim's own; absent where it says something of its own, and counts. */
  readonly copies?: string | null;
}

/** Of the definitions that say something of their own: how many there are, and in how many the difference keeps its sign. */
export function definitionCounts({ definitions }: { readonly definitions: readonly DefinitionResult[] }): {
  readonly distinct: number;
  readonly sameSign: number;
  readonly copies: number;
} {
  const distinct = definitions.filter(({ copies }) => copies === undefined);
  const sameSign = distinct.filter((definition) => definition.sameSign).length;
  return { distinct: distinct.length, sameSign, copies: definitions.length - distinct.length };
}

interface UnderOne {
  readonly design: PairedDesign;
  readonly keep: (id: string) => boolean;
  readonly difference: number;
}

interface Settings {
  readonly resamples: number;
  readonly seed: number;
  readonly classOf: ((id: string) => string | undefined) | undefined;
}

/**
 * Signs and intervals of a claim under other definitions; no p that is corrected.
 *
 * @param claim its design, the samples it keeps, and its difference
 */
export function resultsUnder(
  alternatives: readonly Alternative[],
  { design, keep, difference }: UnderOne,
  { classOf, ...settings }: Settings,
): DefinitionResult[] {
  const designs = alternatives.map(({ pairs, question }) => pairedDesign(pairs, question, keep, classOf));
  const copies = nearCopies(design, designs);
  return comparePaired(designs, settings).map((comparison, i) => ({
    name: alternatives[i]!.name,
    settings: alternatives[i]!.settings,
    difference: comparison.difference,
    interval: comparison.interval,
    sameSign: difference !== 0 && Math.sign(comparison.difference) === Math.sign(difference),
    ...(copies[i] !== null && { copies: alternatives[copies[i]! - 1]?.name ?? null }),
  }));
}
