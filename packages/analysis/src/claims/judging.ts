import { type Estimate, estimatesOf, type JudgedMeasure, judgeFamily, type PairedDesign } from '@espalier/numerics';
import { group } from 'd3-array';
import { trendOf } from './designs.ts';
import { type Family, type FamilySize, families, familyOf } from './families.ts';
import type { Question } from './questions.ts';
import { seriesKey } from './scored-samples.ts';

/** Chance of any false finding in a family; pointwise intervals have it too. */
export const errorRate = 0.05;

/** A question, and what is compared for it. */
export interface Asked {
  readonly question: Question;
  readonly design: PairedDesign;
  readonly keep: (id: string) => boolean;
}

/** The questions of one metric of one series against one reference: its trend, and its levels. */
export interface MeasureAsked {
  readonly family: Family;
  readonly levels: readonly Asked[];
  readonly trend: PairedDesign | null;
}

/** A measure whose differences are estimated. */
export interface MeasureEstimated extends MeasureAsked {
  readonly estimates: { readonly trend: Estimate | null; readonly levels: readonly Estimate[] };
}

/** Questions by measure. */
export function measuresAsked(asked: readonly Asked[], endpoints: readonly string[]): MeasureAsked[] {
  return [...group(asked, ({ question }) => measureKey(question)).values()].map((levels) => {
    const family = familyOf(levels[0]!.question, endpoints);
    const hasTrend = levels[0]!.question.isMain && family !== 'companion';
    const at = levels.map(({ question }) => question.level);
    const designs = levels.map(({ design }) => design);
    return { family, levels, trend: hasTrend ? trendOf(designs, at) : null };
  });
}

/** Estimates for all measures at once: they share their resamples. */
export function estimateAll(
  measures: readonly MeasureAsked[],
  options: { readonly resamples: number; readonly seed: number },
): MeasureEstimated[] {
  const designs = measures.flatMap(({ levels, trend }) => [
    ...levels.map(({ design }) => design),
    ...(trend ? [trend] : []),
  ]);
  const all = estimatesOf(designs, options);
  let next = 0;
  return measures.map((measure) => {
    const levels = measure.levels.map(() => all[next++]!);
    return { ...measure, estimates: { levels, trend: measure.trend ? all[next++]! : null } };
  });
}

interface JudgedAll {
  readonly measures: readonly JudgedMeasure[];
  readonly shares: ReadonlyMap<Family, number>;
}

/** Each family by itself, but for the secondary one: it has the error rate of the endpoints that were found (Dmitrienko 2003). */
export function judgeAll(measures: readonly MeasureEstimated[]): JudgedAll {
  const judged = new Map<MeasureEstimated, JudgedMeasure>();
  const shares = new Map<Family, number>();
  for (const family of families) {
    const own = measures.filter((measure) => measure.family === family);
    if (own.length === 0) continue;
    const endpoints = measures.filter((measure) => measure.family === 'endpoints');
    const found = endpoints.filter((measure) => isFound(judged.get(measure)));
    const share = family === 'secondary' && endpoints.length > 0 ? found.length / endpoints.length : 1;
    shares.set(family, share);
    const results = judgeFamily(
      own.map(({ estimates }) => estimates),
      { alpha: errorRate, share },
    );
    for (const [i, measure] of own.entries()) judged.set(measure, results[i]!);
  }
  return { measures: measures.map((measure) => judged.get(measure)!), shares };
}

function isFound(measure: JudgedMeasure | undefined): boolean {
  const deciding = measure?.trend ? [measure.trend] : (measure?.levels ?? []);
  return deciding.some(({ adjusted }) => adjusted !== null && adjusted <= errorRate);
}

/** How many measures and claims each family has. */
export function sizesOf(
  shares: ReadonlyMap<Family, number>,
  claims: readonly { readonly family: Family; readonly question: Question; readonly interval: unknown }[],
): FamilySize[] {
  return [...shares].map(([family, share]) => {
    const own = claims.filter((claim) => claim.family === family);
    const untestable = own.filter(({ interval }) => interval === null).length;
    const measures = group(own, ({ question }) => measureKey(question)).size;
    return { family, share, measures, claims: own.length, untestable };
  });
}

/** What claims of one measure against one reference have in common. */
function measureKey({ pairs, arm, against }: Question): string {
  return JSON.stringify([seriesKey(pairs[0]!.treated), arm, against]);
}
