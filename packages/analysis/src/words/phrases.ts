import type { Claim } from '../claims/claims.ts';
import { differenceText, intervalText } from './differences.ts';

/** A piece of a sentence: words, what matters most, or a link to a claim's numbers. */
export type Phrase =
  | { readonly text: string }
  | { readonly strong: string }
  | { readonly text: string; readonly claim: string };

/** Clauses with `between` between them. */
export function joined(clauses: readonly (readonly Phrase[])[], between = '; '): Phrase[] {
  return clauses.flatMap((clause, i) => (i === 0 ? clause : [{ text: between }, ...clause]));
}

/** `a, b and c`, of clauses. */
export function listedClauses(clauses: readonly (readonly Phrase[])[]): Phrase[] {
  return clauses.flatMap((clause, i) => {
    if (i === 0) return clause;
    return [{ text: i === clauses.length - 1 ? ' and ' : ', ' }, ...clause];
  });
}

/** `−2.1 points (−3.0 to −1.2)`: the signed difference with the interval that its verdict goes by, linked to the claim. */
export function numbers({ id, question, comparison: { difference }, interval }: Claim): Phrase {
  const range = interval ? ` (${intervalText(question, interval)})` : '';
  return { text: `${differenceText(question, difference, interval)}${range}`, claim: id };
}

export function linkTo({ id }: Claim, text: string): Phrase {
  return { text, claim: id };
}

/** The words of phrases, without links. */
export function plainText(phrases: readonly Phrase[]): string {
  return phrases.map((phrase) => ('strong' in phrase ? phrase.strong : phrase.text)).join('');
}
