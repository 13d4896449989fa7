import { greatest, group } from 'd3-array';
import type { Claim } from '../claims/claims.ts';
import { definitionCounts } from '../claims/definition-results.ts';
import type { Comparisons, Measure } from '../claims/measures.ts';
import type { Verdict } from '../claims/verdicts.ts';
import { count } from '../text/numbers.ts';
import { plainSize, sizeEitherWay } from './differences.ts';
import { levelsOf, levelText } from './level-words.ts';
import { joined, linkTo, numbers, type Phrase } from './phrases.ts';

/** What is said of one measure: phrases, of which some lead to their claim. */
export interface Sentence {
  /** Of the study's own question: that of the trend, or of the only level. Null where it was not measured. */
  readonly outcome: Verdict | null;
  /** Name of the measure, with its explainer. */
  readonly name: string;
  readonly measure: Measure;
  readonly phrases: readonly Phrase[];
}

/** How a measure is called. */
export type NameOf = (measure: Measure) => string;

/** One sentence for each measure: of every claim its verdict, with the signed interval that it goes by. */
export function sentencesOf(measures: readonly Measure[], nameOf: NameOf): Sentence[] {
  return measures.map((measure) => ({
    ...{ outcome: outcomeOf(measure), name: nameOf(measure), measure },
    phrases: [
      { strong: nameOf(measure) },
      ...statements(measure).flatMap((statement, i) => [{ text: i === 0 ? ': ' : ' ' }, ...statement, { text: '.' }]),
    ],
  }));
}

/** The claim that decides a measure: its trend, or its only level; of several levels without a trend, none. */
export function decisive({ main }: Measure): Claim | null {
  return main?.trend ?? (main?.levels.length === 1 ? main.levels[0]! : null);
}

/** What a measure comes to; of several levels without a trend, it differs where one of them does. */
export function outcomeOf(measure: Measure): Verdict | null {
  const { main } = measure;
  if (!main) return null;
  const claim = decisive(measure);
  if (claim) return claim.verdict;
  const verdicts = main.levels.map(({ verdict }) => verdict);
  if (verdicts.includes('different')) return 'different';
  return verdicts.every((verdict) => verdict === 'equivalent') ? 'equivalent' : 'inconclusive';
}

/** Against what the study asks about, against everything else, then under other definitions: a statement each. */
function statements(measure: Measure): Phrase[][] {
  const { main, others } = measure;
  const beside = [...others].map(([name, found]) => [
    { text: `Against ${name === 'dense' ? 'dense' : `\u201c${name}\u201d`}: ` },
    ...comparisonsClauses(found),
  ]);
  return [main ? comparisonsClauses(main) : [], ...beside, definitionsStatement(measure)].filter(
    (statement) => statement.length > 0,
  );
}

function comparisonsClauses({ trend, levels }: Comparisons): Phrase[] {
  const ofTrend = trend ? [[{ text: 'by its trend ' }, ...verdictClause(trend)]] : [];
  const verdicts = [...group(levels, verdictKey).values()];
  return joined([...ofTrend, ...verdicts.map((found) => levelsClause(found, levels))]);
}

/** Levels of one verdict, and of one direction where they differ. */
function verdictKey({ verdict, comparison, why }: Claim): string {
  return JSON.stringify([verdict, verdict === 'different' && comparison.difference > 0, why]);
}

/** `lower, by −0.010 (−0.014 to −0.006) at 70 %` */
function verdictClause(claim: Claim): Phrase[] {
  const { verdict } = claim;
  if (verdict === 'different')
    return [{ text: `${direction(claim)}, by ` }, numbers(claim), { text: ` at ${levelText(claim)}` }];
  if (verdict === 'equivalent') return [{ text: `equivalent${marginText(claim)}, ` }, numbers(claim)];
  return [{ text: 'inconclusive, ' }, numbers(claim), { text: `: ${inconclusiveText(claim)}` }];
}

function levelsClause(found: readonly Claim[], all: readonly Claim[]): Phrase[] {
  const cited = largest(found) ?? found[0]!; // a group has at least one, perhaps without a value
  const place = found.length > 1 ? [{ text: ` at ${levelText(cited)}` }] : [];
  const at = levelsOf(found, all);
  if (cited.verdict === 'different') return [{ text: `${direction(cited)} ${at}, by ` }, numbers(cited), ...place];
  if (cited.verdict === 'equivalent')
    return [{ text: `equivalent ${at}${marginText(cited)}, at most ` }, numbers(cited), ...place];
  const why = [{ text: `: ${inconclusiveText(cited)}` }];
  if (!cited.interval) return [linkTo(cited, `inconclusive ${at}`), ...why];
  return [{ text: `inconclusive ${at}, ` }, numbers(cited), ...place, ...why];
}

/** `higher` or `lower`. */
export function direction({ comparison }: Claim): string {
  return comparison.difference > 0 ? 'higher' : 'lower';
}

/** ` (within ±0.02)` */
export function marginText({ question, margin, interval }: Claim): string {
  if (!interval) return ' (the same on every sample)';
  return margin === null ? '' : ` (within ${sizeEitherWay(question, margin)})`;
}

/** Why, and what difference the design would have found. */
export function inconclusiveText({ question, why, detectable }: Claim): string {
  const found = detectable === null ? '' : `; a difference of ${plainSize(question, detectable)} would have been found`;
  return `${why}${found}`;
}

/** In how many other definitions the largest difference keeps its sign. */
function definitionsStatement({ main }: Measure): Phrase[] {
  const cited = largest(main?.levels.filter(({ verdict }) => verdict === 'different') ?? []);
  if (!cited || definitionCounts(cited).distinct === 0) return [];
  return [{ text: `The sign at ${levelText(cited)} is the same in ` }, linkTo(cited, definitionsText(cited))];
}

/** `3 of 5 other definitions (2 near-copies are not counted)` */
export function definitionsText(claim: Claim): string {
  const { distinct, sameSign, copies } = definitionCounts(claim);
  const left = copies === 0 ? '' : ` (${count(copies, 'near-copy', 'near-copies')} not counted)`;
  return `${sameSign} of ${count(distinct, 'other definition')}${left}`;
}

export function largest(claims: readonly Claim[]): Claim | undefined {
  return greatest(claims, ({ comparison }) => Math.abs(comparison.difference));
}
