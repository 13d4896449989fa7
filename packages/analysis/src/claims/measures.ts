import { group } from 'd3-array';
import type { Claim } from './claims.ts';
import type { Family } from './families.ts';
import { seriesKey } from './scored-samples.ts';

/** The claims of one metric of one series against one reference. */
export interface Comparisons {
  readonly family: Family;
  /** Over all levels; null where there is one level, or the question is not the study's own. */
  readonly trend: Claim | null;
  /** In order of level. */
  readonly levels: readonly Claim[];
}

/** The claims of one metric of one series: what one row of the answer is about. */
export interface Measure {
  readonly aspect: string;
  readonly metric: string;
  readonly words: Claim['question']['words'];
  readonly direction: Claim['question']['pairs'][number]['treated']['direction'];
  readonly preset: string;
  readonly explainer: string | null;
  /** What else tells it from other measures of its metric: labels, the arm where there is no treatment. */
  readonly rest: string;
  /** Against the study's control, or dense where it has none; null where that was not measured. */
  readonly main: Comparisons | null;
  /** Against every other control and against dense, by name. */
  readonly others: ReadonlyMap<string, Comparisons>;
}

/** Claims by measure, in their order. */
export function measuresOf(claims: readonly Claim[]): Measure[] {
  const arms = new Set(claims.map(({ question }) => question.arm)).size;
  const key = ({ question }: Claim) => JSON.stringify([seriesKey(question.pairs[0]!.treated), question.arm]);
  return [...group(claims, key).values()].map((own): Measure => {
    const { question } = own[0]!;
    const { aspect, metric, words, direction, preset, explainer, rest } = question.pairs[0]!.treated;
    const parts = [rest, arms > 1 ? String(question.arm) : ''].filter((part) => part !== '');
    const [main, beside] = [true, false].map((isMain) => own.filter((claim) => claim.question.isMain === isMain));
    return {
      ...{ aspect, metric, words, direction, preset, explainer, rest: parts.join(', ') },
      main: main!.length > 0 ? comparisonsOf(main!) : null,
      others: new Map([...group(beside!, againstText)].map(([name, found]) => [name, comparisonsOf(found)])),
    };
  });
}

function comparisonsOf(claims: readonly Claim[]): Comparisons {
  return {
    family: claims[0]!.family,
    trend: claims.find(({ place }) => place.kind === 'trend') ?? null,
    levels: claims.filter(({ place }) => place.kind === 'level'),
  };
}

/** What a claim is held against: the label of a control, or `dense`. */
export function againstText({ question: { against } }: Pick<Claim, 'question'>): string {
  return against.kind === 'control' ? String(against.arm) : 'dense';
}

/** All claims of a measure: the study's own question first, its trend before its levels. */
export function claimsOfMeasure({ main, others }: Measure): readonly Claim[] {
  return [...(main ? [main] : []), ...others.values()].flatMap(({ trend, levels }) =>
    trend ? [trend, ...levels] : levels,
  );
}
