import { greatest } from 'd3-array';
import type { Claim } from '../claims/claims.ts';
import type { Comparisons, Measure } from '../claims/measures.ts';
import type { Verdict } from '../claims/verdicts.ts';
import { count } from '../text/numbers.ts';
import { plainSize } from './differences.ts';
import { levelsOf, levelText } from './level-words.ts';
import { joined, linkTo, listedClauses, numbers, type Phrase } from './phrases.ts';
import { decisive, direction, marginText, type NameOf, outcomeOf } from './sentences.ts';

/** More than these are counted, not named: the rest stands in the picture beside the sentences. */
const mostNamed = 3;

/**
 * The answer in at most five sentences: what pruning did beside what the study holds it against, what is equivalent, what is
 * inconclusive, what further controls say, and, as background, the dense network.
 *
 * @param warning put at the end of the first one
 */
export function leadOf(
  measures: readonly Measure[],
  nameOf: NameOf,
  warning: readonly Phrase[],
): readonly (readonly Phrase[])[] {
  const asked = measures.filter(({ main }) => main?.family === 'endpoints');
  if (asked.length === 0) return [];
  const of = (verdict: Verdict) => asked.filter((measure) => outcomeOf(measure) === verdict);
  const lines = [
    withWarning(changedLine(of('different'), asked, nameOf), warning),
    equivalentLine(of('equivalent'), nameOf),
    inconclusiveLine(of('inconclusive'), nameOf),
    controlsLine(asked, nameOf),
    backgroundLine(asked),
  ];
  return lines.filter((line) => line.length > 0);
}

/** `Held against “trained-on”, pruning changed 2 of 5 endpoints: Energy is lower by … at 70 %; different at 50 % and 70 %.` */
function changedLine(changed: readonly Measure[], asked: readonly Measure[], nameOf: NameOf): Phrase[] {
  const against = referenceText(asked[0]!.main!.levels[0]!);
  const endpoints = count(asked.length, 'endpoint');
  if (changed.length === 0)
    return [{ text: `Held against ${against}, none of ${endpoints} is shown to differ after pruning.` }];
  const named = strongest(changed);
  const clauses = named.map((measure): Phrase[] => [{ strong: nameOf(measure) }, { text: ' is ' }, ...change(measure)]);
  const more = changed.length - named.length;
  const start = `Held against ${against}, pruning changed ${changed.length} of ${endpoints}: `;
  return [{ text: start }, ...joined(clauses), { text: more > 0 ? `; and ${more} more.` : '.' }];
}

/** `line` with `warning` before its full stop. */
function withWarning(line: readonly Phrase[], warning: readonly Phrase[]): readonly Phrase[] {
  const last = line.at(-1);
  if (warning.length === 0 || !last || !('text' in last)) return line;
  return [...line.slice(0, -1), { ...last, text: last.text.replace(/\.$/, '') }, ...warning, { text: '.' }];
}

/** `lower by −0.010 (−0.014 to −0.006) at 70 %, and different at 50 % and 70 %` */
function change(measure: Measure): Phrase[] {
  const { levels } = measure.main!;
  const found = levels.filter(({ verdict }) => verdict === 'different');
  const cited = decisive(measure) ?? greatest(found, size)!;
  const own: Phrase[] = [{ text: `${direction(cited)} by ` }, numbers(cited), { text: ` at ${levelText(cited)}` }];
  if (levels.length < 2) return own;
  const where = found.length === 0 ? 'by its trend alone' : `differing ${levelsOf(found, levels)}`;
  return [...own, { text: `, ${where}` }];
}

function equivalentLine(found: readonly Measure[], nameOf: NameOf): Phrase[] {
  if (found.length === 0) return [];
  const clauses = found.map((measure): Phrase[] => {
    const claim = decisive(measure) ?? measure.main!.levels.at(-1)!;
    return [linkTo(claim, `${nameOf(measure)}${marginText(claim)}`)];
  });
  return [{ text: 'Equivalent: ' }, ...listedClauses(clauses), { text: '.' }];
}

function inconclusiveLine(found: readonly Measure[], nameOf: NameOf): Phrase[] {
  if (found.length === 0) return [];
  const clauses = found.slice(0, mostNamed).map((measure): Phrase[] => {
    const claim = decisive(measure) ?? measure.main!.levels.at(-1)!;
    const { detectable, question, why } = claim;
    const power = detectable === null ? `: ${why}` : `, where ${plainSize(question, detectable)} would have been found`;
    return [{ text: `${nameOf(measure)}, ` }, numbers(claim), { text: power }];
  });
  const more = found.length - clauses.length;
  return [{ text: 'Inconclusive: ' }, ...joined(clauses), { text: more > 0 ? `; and ${more} more.` : '.' }];
}

/** What further controls say of the same measures. */
function controlsLine(asked: readonly Measure[], nameOf: NameOf): Phrase[] {
  const names = [...new Set(asked.flatMap(({ others }) => [...others.keys()]))].filter((name) => name !== 'dense');
  const clauses = names.map((name): Phrase[] => {
    const beside = asked.filter(({ others }) => others.has(name));
    const changed = beside.filter(({ others }) => differs(others.get(name)!));
    const most = greatest(changed, ({ others }) => size(greatest(findings(others.get(name)!), size)!));
    const start = { text: `against \u201c${name}\u201d ${changed.length} of ${beside.length} differ` };
    if (!most) return [start];
    const cited = greatest(findings(most.others.get(name)!), size)!; // it has one
    const text = `, most of all ${nameOf(most)}, ${direction(cited)} by `;
    return [start, { text }, numbers(cited), { text: ` at ${levelText(cited)}` }];
  });
  if (clauses.length === 0) return [];
  return [{ text: 'Of the same endpoints, ' }, ...listedClauses(clauses), { text: '.' }];
}

/** Training on changes networks, too: what differs from dense need not be pruning's. */
function backgroundLine(asked: readonly Measure[]): Phrase[] {
  const beside = asked.flatMap(({ others }) => others.get('dense') ?? []);
  if (beside.length === 0) return [];
  const changed = beside.filter(differs).length;
  return [
    {
      text: `As background, ${changed} of ${beside.length} differ from the dense network, which had less training: such a difference need not be pruning\u2019s.`,
    },
  ];
}

function differs(comparisons: Comparisons): boolean {
  return findings(comparisons).length > 0;
}

function findings({ trend, levels }: Comparisons): readonly Claim[] {
  return [...(trend ? [trend] : []), ...levels].filter(({ verdict }) => verdict === 'different');
}

/** The most clearly changed first: by the effect beside its spread. */
function strongest(measures: readonly Measure[]): readonly Measure[] {
  const effect = (measure: Measure) => size(decisive(measure) ?? greatest(findings(measure.main!), size)!);
  return [...measures].sort((a, b) => effect(b) - effect(a)).slice(0, mostNamed);
}

function size({ comparison }: Claim): number {
  return Math.abs(comparison.standardised ?? 0);
}

/** `networks that were only trained on (“trained-on”)`, `“random”` or `the dense network`. */
function referenceText({ question: { against, pairs } }: Claim): string {
  if (against.kind === 'dense') return 'the dense network';
  const name = `\u201c${against.arm}\u201d`;
  return pairs.every(({ reference }) => reference.isMatched)
    ? `networks that were trained on but not pruned (${name})`
    : name;
}
