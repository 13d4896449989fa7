import { greatest, group } from 'd3-array';
import type { Claim } from '../claims/claims.ts';
import { controlOf, type Measure } from '../claims/measures.ts';
import { listed } from '../text/numbers.ts';
import { boundText, meanText } from './differences.ts';
import { levelText } from './level-words.ts';
import {
  changeClause,
  definitionsText,
  isChange,
  joined,
  largest,
  levelsOf,
  linkTo,
  type NameOf,
  numbers,
  type Outcome,
  type Phrase,
  reach,
  type Sentence,
  sentencesOf,
} from './sentences.ts';

/** `beside`: differs from a control, with no change shown from dense. */
export interface AnswerLine {
  readonly outcome: Outcome | 'beside';
  readonly phrases: readonly Phrase[];
}

/** The answer in short: one line for each aspect, from the same verdicts as the sentences. */
export interface AspectAnswer {
  readonly aspect: string;
  /** What changed, what does not show a change, what cannot be told, and what differs from controls alone. */
  readonly lines: readonly AnswerLine[];
  readonly sentences: readonly Sentence[];
  /** Of what is read beside the measures: nulls, diagnostics, other readings. */
  readonly companions: readonly Sentence[];
}

/** Short lines by aspect, in the order of the sentences. */
export function answerOf(measures: readonly Measure[], nameOf: NameOf): AspectAnswer[] {
  const sentences = sentencesOf(measures, nameOf);
  return [...group(measures.keys(), (i) => measures[i]!.aspect)].map(([aspect, indices]) => {
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
      ...besideLine(
        asked.filter((i) => sentences[i]!.outcome !== 'changed').map((i) => measures[i]!),
        nameOf,
      ),
    ];
    return { aspect, lines, sentences: asked.map((i) => sentences[i]!), companions: beside.map((i) => sentences[i]!) };
  });
}

function changedLine(measure: Measure, name: string): Phrase[] {
  const cited = largest(measure.dense.filter(isChange))!;
  const dense = meanText(cited.question, cited.means.reference, cited.comparison.interval);
  const several = measure.dense.filter(isChange).length > 1;
  const place = several ? `at ${levelText(cited)}, ` : '';
  const beside = [...measure.controls.values()].flatMap((claims) =>
    claims.filter(({ question }) => question.level === cited.question.level),
  );
  return [
    { strong: name },
    { text: ` is ${changesText(measure.dense)}: ${place}` },
    numbers(cited),
    { text: `, from ${dense}${beside.length > 0 ? `; there, ${listed(besideTexts(beside))}` : ''}` },
    ...definitionsPhrase(cited),
    { text: '.' },
  ];
}

/** `higher (better) at 30 % and lower (worse) at 70 %` */
function changesText(claims: readonly Claim[]): string {
  const parts = (['higher', 'lower'] as const).flatMap((verdict) => {
    const found = claims.filter((claim) => claim.verdict === verdict);
    return found.length === 0 ? [] : [`${verdict}${worthText(found[0]!)} ${levelsOf(found, claims)}`];
  });
  return listed(parts);
}

/** Whether a change is for the better, where the metric says which way that is. */
function worthText({ question, verdict }: Claim): string {
  const { direction } = question.seeds[0]!.treated;
  if (direction === 'neither') return '';
  return (direction === 'higher-is-better') === (verdict === 'higher') ? ' (better)' : ' (worse)';
}

/** One text per verdict: `higher than “random”`, `no difference to “random” or “trained-on” shown`. */
function besideTexts(claims: readonly Claim[]): string[] {
  const named = (found: readonly Claim[]) => found.map((claim) => `\u201c${controlOf(claim)}\u201d`);
  const changes = (['higher', 'lower'] as const).flatMap((verdict) => {
    const found = claims.filter((claim) => claim.verdict === verdict);
    return found.length === 0 ? [] : [`${verdict} than ${listed(named(found))}`];
  });
  const equal = claims.filter((claim) => !isChange(claim));
  return equal.length === 0 ? changes : [...changes, `no difference to ${listed(named(equal), 'or')} shown`];
}

/** Measures that differ from a control at some level: what to make of pruning so, and not otherwise, to this sparsity. */
function besideLine(measures: readonly Measure[], nameOf: NameOf): AnswerLine[] {
  const items = measures.flatMap((measure) => {
    const parts = [...measure.controls].flatMap(([arm, claims]) =>
      (['higher', 'lower'] as const).map((verdict) => changeClause(claims, verdict, ` than \u201c${arm}\u201d`)),
    );
    const told = parts.filter((part) => part.length > 0);
    return told.length === 0 ? [] : [[{ text: `${nameOf(measure)} is ` }, ...joined(told, ', and ')]];
  });
  if (items.length === 0) return [];
  const start = { text: 'Beside the controls, with no change from dense shown: ' };
  return [{ outcome: 'beside', phrases: [start, ...joined(items), { text: '.' }] }];
}

function definitionsPhrase(claim: Claim): Phrase[] {
  if (claim.definitions.length === 0) return [];
  return [{ text: '; same sign in ' }, linkTo(claim, definitionsText(claim))];
}

function boundPhrase({ dense }: Measure, name: string): Phrase {
  const widest = greatest(
    dense.filter(({ verdict }) => verdict !== 'cannot-tell'),
    reach,
  )!; // what is not untold
  const { interval } = widest.comparison;
  const bound = interval ? ` (within ${boundText(widest.question, interval)})` : ' (the same on every sample)';
  return linkTo(widest, `${name}${bound}`);
}

function gathered(outcome: Outcome, start: string, items: readonly Phrase[]): AnswerLine[] {
  if (items.length === 0) return [];
  const phrases = items.flatMap((item, i) =>
    i === 0 ? [item] : [{ text: i === items.length - 1 ? ' and ' : ', ' }, item],
  );
  return [{ outcome, phrases: [{ text: start }, ...phrases, { text: '.' }] }];
}
