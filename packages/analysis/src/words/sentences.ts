import type { ScoreRole } from '@espalier/core';
import { fewestDiffering, fewestSamples } from '@espalier/numerics';
import { greatest } from 'd3-array';
import type { Claim } from '../claims/claims.ts';
import type { Measure } from '../claims/measures.ts';
import { count } from '../text/numbers.ts';
import { boundText, differenceText, intervalText } from './differences.ts';
import { isAsLabelled, levelsText, levelText } from './level-words.ts';

/** A piece of a sentence: words, what matters most, or a link to a claim's numbers. */
export type Phrase =
  | { readonly text: string }
  | { readonly strong: string }
  | { readonly text: string; readonly claim: string };

/** What a measure comes to over the levels, against dense; `elsewhere` where it was not measured for the dense model. */
export type Outcome = 'changed' | 'unchanged' | 'untold' | 'elsewhere';

/** What is said of one measure: phrases, of which some lead to their claim. */
export interface Sentence {
  readonly family: ScoreRole;
  readonly outcome: Outcome;
  /** Name of the measure, with its explainer. */
  readonly name: string;
  readonly preset: string;
  readonly phrases: readonly Phrase[];
}

/** How a measure is called. */
export type NameOf = (measure: Measure) => string;

/**
 * One sentence for each measure. Words of change are used for claims whose corrected p and interval both carry
 * them, and for no other; what is not shown is said with the largest change that the interval leaves possible.
 */
export function sentencesOf(measures: readonly Measure[], nameOf: NameOf): Sentence[] {
  return measures.map((measure) => {
    const outcome = outcomeOf(measure);
    return {
      ...{ family: measure.family, outcome, name: nameOf(measure), preset: measure.preset },
      phrases: [
        { strong: nameOf(measure) },
        ...statements(measure).flatMap((statement, i) => [{ text: i === 0 ? ': ' : ' ' }, ...statement, { text: '.' }]),
      ],
    };
  });
}

function outcomeOf({ dense }: Measure): Outcome {
  if (dense.length === 0) return 'elsewhere';
  if (dense.some(isChange)) return 'changed';
  return dense.some(({ verdict }) => verdict !== 'cannot-tell') ? 'unchanged' : 'untold';
}

/** Whether the verdict is a change, in either direction. */
export function isChange({ verdict }: Claim): boolean {
  return verdict === 'higher' || verdict === 'lower';
}

/** Against dense, then beside each control, then under other definitions: a statement each. */
function statements(measure: Measure): Phrase[][] {
  const beside = [...measure.controls].map(([arm, claims]) => [
    { text: `Beside \u201c${arm}\u201d: ` },
    ...joined(levelClauses(claims, 'no difference shown')),
  ]);
  const dense = joined(levelClauses(measure.dense, 'no change shown', ' than dense'));
  return [dense, ...beside, definitionsStatement(measure)].filter((statement) => statement.length > 0);
}

/** What the levels come to: `lower at 50 % and 70 %, by −2.1 points (95 %: −3.0 to −1.2) at 70 %; no change shown at 30 %`. */
function levelClauses(claims: readonly Claim[], unchanged: string, than = ''): Phrase[][] {
  return [
    changeClause(claims, 'higher', than),
    changeClause(claims, 'lower', than),
    unchangedClause(claims, unchanged),
    identicalClause(claims),
    untoldClause(claims),
  ].filter((clause) => clause.length > 0);
}

/** Clauses with `between` between them. */
export function joined(clauses: readonly (readonly Phrase[])[], between = '; '): Phrase[] {
  return clauses.flatMap((clause, i) => (i === 0 ? clause : [{ text: between }, ...clause]));
}

/** `lower than dense at 70 %, by −2.1 points`; nothing where no claim says so. */
export function changeClause(claims: readonly Claim[], verdict: 'higher' | 'lower', than: string): Phrase[] {
  const found = claims.filter((claim) => claim.verdict === verdict);
  const cited = largest(found);
  if (!cited) return [];
  const place = found.length > 1 ? [{ text: ` at ${levelText(cited)}` }] : [];
  return [{ text: `${verdict}${than} ${levelsOf(found, claims)}, by ` }, numbers(cited), ...place];
}

/** The difference with its interval, linked to the claim. */
export function numbers({ id, question, comparison: { difference, interval } }: Claim): Phrase {
  const range = interval ? ` (95\u202f%: ${intervalText(question, interval)})` : '';
  return { text: `${differenceText(question, difference, interval)}${range}`, claim: id };
}

function unchangedClause(claims: readonly Claim[], words: string): Phrase[] {
  const found = claims.filter(({ verdict }) => verdict === 'not-shown');
  const widest = greatest(found, reach);
  if (!widest?.comparison.interval) return [];
  const bound = boundText(widest.question, widest.comparison.interval);
  return [{ text: `${words} ${levelsOf(found, claims)} (` }, linkTo(widest, `within ${bound}`), { text: ')' }];
}

/** The largest difference that the claim's interval leaves possible. */
export function reach({ comparison: { interval } }: Claim): number {
  return interval ? Math.max(...interval.map(Math.abs)) : 0;
}

function identicalClause(claims: readonly Claim[]): Phrase[] {
  const found = claims.filter(({ verdict }) => verdict === 'identical');
  if (found.length === 0) return [];
  return [linkTo(found[0]!, 'the same on every sample'), { text: ` ${levelsOf(found, claims)}` }];
}

function untoldClause(claims: readonly Claim[]): Phrase[] {
  const found = claims.filter(({ verdict }) => verdict === 'cannot-tell');
  const first = found[0];
  if (!first) return [];
  return [{ text: `cannot be told ${levelsOf(found, claims)}: ` }, linkTo(first, whyUntold(first))];
}

/** Why nothing can be told, as a clause: too few samples, too few that differ, or one that outweighs the others. */
export function whyUntold({ question, comparison: { n, higher, lower } }: Claim): string {
  const empty = question.seeds.flatMap(({ treated, reference }) => treated.whyEmpty ?? reference.whyEmpty ?? []);
  if (empty.length > 0) return `no sample has a value (${[...new Set(empty)].join('; ')})`;
  const differing = Math.round(n * (higher + lower));
  if (n < fewestSamples) return `${n} samples are too few`;
  if (differing < fewestDiffering) return `only ${differing} of ${n} samples differ`;
  return `one of ${n} samples outweighs all others`;
}

/** In how many other definitions the largest change keeps its sign. */
function definitionsStatement({ dense }: Measure): Phrase[] {
  const cited = largest(dense.filter(isChange));
  if (!cited || cited.definitions.length === 0) return [];
  const place = levelText(cited);
  return [{ text: `The sign at ${place} is the same in ` }, linkTo(cited, definitionsText(cited))];
}

export function definitionsText({ definitions }: Claim): string {
  const kept = definitions.filter(({ sameSign }) => sameSign).length;
  return `${kept} of ${count(definitions.length, 'other definition')}`;
}

export function largest(claims: readonly Claim[]): Claim | undefined {
  return greatest(claims, ({ comparison }) => Math.abs(comparison.difference));
}

/** `at 30 % and 70 %`, or `at every level` where all of several are, and are what they are labelled. */
export function levelsOf(found: readonly Claim[], all: readonly Claim[]): string {
  if (found.length === all.length && all.length > 1 && found.every(isAsLabelled)) return 'at every level';
  return `at ${levelsText(found)}`;
}

export function linkTo({ id }: Claim, text: string): Phrase {
  return { text, claim: id };
}

/** The words of phrases, without links. */
export function plainText(phrases: readonly Phrase[]): string {
  return phrases.map((phrase) => ('strong' in phrase ? phrase.strong : phrase.text)).join('');
}
