import type { Found, JudgedClaim, PublishedTest } from '../claims/published-claims.ts';
import { percent } from '../text/numbers.ts';
import { levelText } from './level-words.ts';
import { numbers, type Phrase } from './phrases.ts';
import { largest } from './sentences.ts';

/** `An area (Edges) is higher than dense at 10 % to 50 %`: what would show a published claim; why nothing would. */
export function testText({ published, where, asPublished, besideControl }: JudgedClaim): string {
  const { test, why } = published;
  if (!test) return why ?? '';
  const measured = asPublished.asked[0] ?? besideControl?.asked[0];
  const labels = where === '' ? Object.values(test.labels ?? {}) : [where.replaceAll('=', ': ')];
  const about = [test.explainer, ...labels, test.arm].filter((part) => part !== undefined);
  const name = `${measured?.question.words.name ?? test.metric}${about.length > 0 ? ` (${about.join(', ')})` : ''}`;
  return `${name} is ${saying[test.says]} ${test.against}${levelsText(test)}`;
}

const saying: Readonly<Record<PublishedTest['says'], string>> = {
  higher: 'higher than',
  lower: 'lower than',
  unchanged: 'equivalent to',
  'not-higher': 'no higher than',
  'not-lower': 'no lower than',
};

function levelsText({ levels: [low, high], of }: PublishedTest): string {
  const where = low === 0 && high === 1 ? '' : ` from ${percent(low)} to ${percent(high)}`;
  return of === 'some' ? `${where}, at one level at least` : where;
}

/** `contradicted: 1 of 6 for it, 2 against; most of all −0.02 (−0.03 to −0.01) at 70 %`. */
export function foundPhrases({ outcome, supporting, contradicting, asked }: Found): readonly Phrase[] {
  if (asked.length === 0) return [{ text: outcome }];
  const cited = largest(contradicting) ?? largest(supporting) ?? largest(asked) ?? asked[0]!; // one is asked
  return [
    { strong: outcome },
    { text: `: ${supporting.length} of ${asked.length} for it, ${contradicting.length} against; most of all ` },
    numbers(cited),
    { text: ` at ${levelText(cited)}` },
  ];
}
