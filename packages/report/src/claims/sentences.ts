import type { Aspect } from '@espalier/core';
import { fewestSamples } from '@espalier/statistics';
import { count } from '../page/format.ts';
import { groupBy } from '../results/group-by.ts';
import type { Claim } from './claims.ts';
import { controlOf, type Measure } from './measures.ts';
import { boundText, differenceText, intervalText, levelsText, listed } from './numbers.ts';

/** A piece of a sentence: words, what matters most, or a link to a claim's numbers. */
export type Phrase =
  | { readonly text: string }
  | { readonly strong: string }
  | { readonly text: string; readonly claim: string };

/** What a measure comes to over the levels, against dense; `elsewhere` where it was not measured for the dense model. */
export type Outcome = 'changed' | 'unchanged' | 'untold' | 'elsewhere';

export interface Sentence {
  readonly aspect: Aspect | null;
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
      ...{ aspect: measure.aspect, outcome, name: nameOf(measure), preset: measure.preset },
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

function joined(clauses: readonly Phrase[][]): Phrase[] {
  return clauses.flatMap((clause, i) => (i === 0 ? clause : [{ text: '; ' }, ...clause]));
}

function changeClause(claims: readonly Claim[], verdict: 'higher' | 'lower', than: string): Phrase[] {
  const found = claims.filter((claim) => claim.verdict === verdict);
  const cited = largest(found);
  if (!cited) return [];
  const place = found.length > 1 ? [{ text: ` at ${levelsText([cited.question.level])}` }] : [];
  return [{ text: `${verdict}${than} ${levelsOf(found, claims)}, by ` }, numbers(cited), ...place];
}

/** The difference with its interval, linked to the claim. */
function numbers({ id, question: { metric }, comparison: { difference, interval } }: Claim): Phrase {
  const range = interval ? ` (95\u202f%: ${intervalText(metric, interval)})` : '';
  return { text: `${differenceText(metric, difference, interval)}${range}`, claim: id };
}

function unchangedClause(claims: readonly Claim[], words: string): Phrase[] {
  const found = claims.filter(({ verdict }) => verdict === 'not-shown');
  const widest = found.reduce<Claim | undefined>(
    (most, claim) => (most && reach(most) >= reach(claim) ? most : claim),
    undefined,
  );
  if (!widest?.comparison.interval) return [];
  const bound = boundText(widest.question.metric, widest.comparison.interval);
  return [{ text: `${words} ${levelsOf(found, claims)} (` }, linkTo(widest, `within ${bound}`), { text: ')' }];
}

/** The largest difference that the claim's interval leaves possible. */
function reach({ comparison: { interval } }: Claim): number {
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
  const { n, higher, lower } = first.comparison;
  const why =
    n < fewestSamples ? `${n} samples are too few` : `only ${Math.round(n * (higher + lower))} of ${n} samples differ`;
  return [{ text: `cannot be told ${levelsOf(found, claims)}: ` }, linkTo(first, why)];
}

/** In how many other definitions the largest change keeps its sign. */
function definitionsStatement({ dense }: Measure): Phrase[] {
  const cited = largest(dense.filter(isChange));
  if (!cited || cited.definitions.length === 0) return [];
  const place = levelsText([cited.question.level]);
  return [{ text: `The sign at ${place} is the same in ` }, linkTo(cited, definitionsText(cited))];
}

function definitionsText({ definitions }: Claim): string {
  const kept = definitions.filter(({ sameSign }) => sameSign).length;
  return `${kept} of ${count(definitions.length, 'other definition')}`;
}

function largest(claims: readonly Claim[]): Claim | undefined {
  const size = ({ comparison }: Claim) => Math.abs(comparison.difference);
  return claims.reduce<Claim | undefined>(
    (most, claim) => (most && size(most) >= size(claim) ? most : claim),
    undefined,
  );
}

/** `at 30 % and 70 %`, or `at every level` where all of several are. */
function levelsOf(found: readonly Claim[], all: readonly Claim[]): string {
  if (found.length === all.length && all.length > 1) return 'at every level';
  return `at ${levelsText(found.map(({ question }) => question.level))}`;
}

/** The answer in short: one line for each aspect, from the same verdicts as the sentences. */
export interface AspectAnswer {
  readonly aspect: Aspect | null;
  /** One phrase list per line: what changed, what does not show a change, what cannot be told. */
  readonly lines: readonly { readonly outcome: Outcome; readonly phrases: readonly Phrase[] }[];
  readonly sentences: readonly Sentence[];
  /** Of what is read beside the measures: nulls, diagnostics, other readings. */
  readonly companions: readonly Sentence[];
}

/** Short lines by aspect, in the order of the sentences. */
export function answerOf(measures: readonly Measure[], nameOf: NameOf): AspectAnswer[] {
  const sentences = sentencesOf(measures, nameOf);
  return [...groupBy(measures.keys(), (i) => measures[i]!.aspect)].map(([aspect, indices]) => {
    const isCompanion = (i: number) => measures[i]!.family === 'companion';
    const [asked, beside] = [indices.filter((i) => !isCompanion(i)), indices.filter(isCompanion)];
    const of = (outcome: Outcome) => asked.filter((i) => sentences[i]!.outcome === outcome);
    const lines = [
      ...of('changed').map((i) => ({
        outcome: 'changed' as const,
        phrases: changedLine(measures[i]!, sentences[i]!.name),
      })),
      ...gathered(
        'unchanged',
        'No change shown in ',
        of('unchanged').map((i) => boundPhrase(measures[i]!, sentences[i]!.name)),
      ),
      ...gathered(
        'untold',
        'Cannot be told: ',
        of('untold').map((i) => linkTo(measures[i]!.dense[0]!, sentences[i]!.name)),
      ),
    ];
    return { aspect, lines, sentences: asked.map((i) => sentences[i]!), companions: beside.map((i) => sentences[i]!) };
  });
}

function changedLine(measure: Measure, name: string): Phrase[] {
  const cited = largest(measure.dense.filter(isChange))!;
  const parts = (['higher', 'lower'] as const).flatMap((verdict) => {
    const found = measure.dense.filter((claim) => claim.verdict === verdict);
    return found.length === 0 ? [] : [`${verdict} ${levelsOf(found, measure.dense)}`];
  });
  const several = measure.dense.filter(isChange).length > 1;
  const beside = [...measure.controls.values()].flatMap((claims) =>
    claims.filter(({ question }) => question.level === cited.question.level).map(besideText),
  );
  return [
    { strong: name },
    { text: ` is ${listed(parts)}: ` },
    numbers(cited),
    {
      text: `${several ? ` at ${levelsText([cited.question.level])}` : ''}${beside.length > 0 ? `; there, ${listed(beside)}` : ''}`,
    },
    ...definitionsPhrase(cited),
    { text: '.' },
  ];
}

function besideText(claim: Claim): string {
  const arm = `\u201c${controlOf(claim)}\u201d`;
  return isChange(claim) ? `${claim.verdict} than ${arm}` : `no difference to ${arm} shown`;
}

function definitionsPhrase(claim: Claim): Phrase[] {
  if (claim.definitions.length === 0) return [];
  return [{ text: '; same sign in ' }, linkTo(claim, definitionsText(claim))];
}

function boundPhrase({ dense }: Measure, name: string): Phrase {
  const told = dense.filter(({ verdict }) => verdict !== 'cannot-tell');
  const widest = told.reduce((most, claim) => (reach(most) >= reach(claim) ? most : claim));
  const { interval } = widest.comparison;
  const bound = interval ? ` (within ${boundText(widest.question.metric, interval)})` : ' (the same on every sample)';
  return linkTo(widest, `${name}${bound}`);
}

function linkTo({ id }: Claim, text: string): Phrase {
  return { text, claim: id };
}

function gathered(outcome: Outcome, start: string, items: readonly Phrase[]): AspectAnswer['lines'] {
  if (items.length === 0) return [];
  const phrases = items.flatMap((item, i) =>
    i === 0 ? [item] : [{ text: i === items.length - 1 ? ' and ' : ', ' }, item],
  );
  return [{ outcome, phrases: [{ text: start }, ...phrases, { text: '.' }] }];
}

/** The words of phrases, without links. */
export function plainText(phrases: readonly Phrase[]): string {
  return phrases.map((phrase) => ('strong' in phrase ? phrase.strong : phrase.text)).join('');
}
