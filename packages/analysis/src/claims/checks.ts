import { type Estimate, estimatesOf, type Interval, type Judged, judgeFamily } from '@espalier/numerics';
import { ascending, group } from 'd3-array';
import { compareLabels, type Label } from '../study/axes.ts';
import { pairedDesign, type Replicates, replicatesOf } from './designs.ts';
import { errorRate } from './judging.ts';
import type { Pair } from './questions.ts';
import { type ScoredSamples, seriesKey } from './scored-samples.ts';
import { whyNoInterval } from './verdicts.ts';

/** What a sanity check says of an explainer: whether its mean is on the better side of the bar. */
export type CheckVerdict = 'passes' | 'fails' | 'inconclusive';

/** One sanity check of one explainer on the models of one arm and level. */
export interface Check
  extends Pick<ScoredSamples, 'metric' | 'words' | 'preset' | 'aspect' | 'direction' | 'explainer' | 'rest'> {
  /** Unique in the run; an anchor of the page. */
  readonly id: string;
  /** Null for dense models, which are the same in every arm, and in a study without arms. */
  readonly arm: Label | null;
  readonly level: number;
  /** The mean that the explainer has to be better than. */
  readonly bar: number;
  /** Over samples, draws and seeds. */
  readonly mean: number;
  /** Of the mean, with the error rate of all checks; null where nothing holds it. */
  readonly interval: Interval | null;
  /** The mean less the bar. */
  readonly estimate: Estimate;
  /** The smallest error rate of all checks at which the mean is not the bar. */
  readonly judged: Judged;
  readonly replicates: Replicates;
  readonly verdict: CheckVerdict;
  /** Why it is inconclusive, as a clause; null where it is not. */
  readonly why: string | null;
  readonly instances: readonly string[];
}

/** What checks are judged by. */
export interface CheckOptions {
  /** Bars of the study, by metric; before what metrics declare. */
  readonly bars: Readonly<Record<string, number>>;
  readonly resamples: number;
  readonly seed: number;
  readonly classOf?: (id: string) => string | undefined;
}

/**
 * Every sanity check that has a bar, on all images, for each explainer, arm and level, controls and dense among them: the difference of its
 * values to the bar, as a family of its own. The series of an arm share the error rate equally, and the levels of each are covered at once.
 */
export function makeChecks(scores: readonly ScoredSamples[], { bars, classOf, ...options }: CheckOptions): Check[] {
  const asked = scores.flatMap((score) => {
    const bar = bars[score.metric] ?? score.bar;
    return bar === null || score.role !== 'sanity-check' || score.alternative !== null ? [] : [{ score, bar }];
  });
  const measures = [...group(asked, ({ score }) => JSON.stringify([seriesKey(score), armOf(score)])).values()]
    .map((own) => levelsOf(own))
    .sort(([a], [b]) => compareChecks(a!.first, b!.first));
  const designs = measures.flat().map(({ pairs }) => pairedDesign(pairs, { pairs }, () => true, classOf));
  // As for claims: the smallest p is divided by the measures.
  const estimates = estimatesOf(designs, {
    ...options,
    resamples: Math.max(options.resamples, 80 * designs.length - 1),
  });
  let next = 0;
  const estimated = measures.map((levels) => ({ trend: null, levels: levels.map(() => estimates[next++]!) }));
  const judged = judgeFamily(estimated, { alpha: errorRate });
  return measures.flatMap((levels, m) =>
    levels.map((level, l) => checkOf(level, estimated[m]!.levels[l]!, judged[m]!.levels[l]!)),
  );
}

interface CheckLevel {
  readonly first: ScoredSamples;
  readonly bar: number;
  readonly pairs: readonly Pair[];
}

/** Dense models are the same networks in every arm. */
function armOf({ level, arm }: ScoredSamples): Label | null {
  return level === 0 ? null : arm;
}

/** The levels of a series, each with one network for every seed and draw, held against the bar. */
function levelsOf(own: readonly { readonly score: ScoredSamples; readonly bar: number }[]): readonly CheckLevel[] {
  const byLevel = [...group(own, ({ score }) => score.level)].sort(([a], [b]) => a - b);
  return byLevel.map(([, parts]) => {
    const distinct = new Map(
      parts.map((part) => [JSON.stringify([part.score.seed, part.score.network ?? part.score.draw]), part]),
    );
    const { score: first, bar } = parts[0]!;
    const pairs = [...distinct.values()]
      .map(({ score }): Pair => ({ treated: score, reference: constant(score, bar) }))
      .sort((a, b) => compareLabels(a.treated.seed ?? '', b.treated.seed ?? ''));
    return { first, bar, pairs };
  });
}

function constant(score: ScoredSamples, value: number): ScoredSamples {
  const flat = (row: readonly number[]) => row.map(() => value);
  return { ...score, values: flat(score.values), byDraw: score.byDraw.map(flat) };
}

function checkOf({ first, bar, pairs }: CheckLevel, estimate: Estimate, judged: Judged): Check {
  const { metric, words, preset, aspect, direction, explainer, rest, level } = first;
  const interval = judged.interval && ([bar + judged.interval[0], bar + judged.interval[1]] as const);
  const empty = pairs.flatMap(({ treated }) => treated.whyEmpty ?? []);
  return {
    ...{ metric, words, preset, aspect, direction, explainer, rest, level, bar, interval, estimate, judged },
    id: idOf(first),
    arm: armOf(first),
    mean: bar + estimate.difference,
    replicates: replicatesOf(pairs.map(({ treated }) => treated)),
    ...verdictOf(direction === 'lower-is-better', estimate, judged, empty),
    instances: pairs.map(({ treated }) => treated.instance),
  };
}

/** By the interval of the mean less the bar, and by nothing else. */
function verdictOf(
  lowerIsBetter: boolean,
  estimate: Estimate,
  { interval }: Judged,
  empty: readonly string[],
): Pick<Check, 'verdict' | 'why'> {
  if (!interval) return { verdict: 'inconclusive', why: whyNoInterval(estimate, empty) };
  const [low, high] = interval;
  if (low <= 0 && high >= 0) return { verdict: 'inconclusive', why: 'its interval holds the bar' };
  return { verdict: high < 0 === lowerIsBetter ? 'passes' : 'fails', why: null };
}

function idOf(score: ScoredSamples): string {
  const slug = (text: unknown) => String(text ?? '').replace(/[^a-zA-Z0-9.]+/g, '-');
  const parts = [
    score.metric,
    score.explainer,
    score.rest,
    score.preset,
    armOf(score) ?? 'dense',
    score.level,
    score.node,
  ];
  return ['check', ...parts.map(slug).filter((part) => part !== '')].join('-').toLowerCase();
}

function compareChecks(a: ScoredSamples, b: ScoredSamples): number {
  return (
    ascending(a.metric, b.metric) ||
    ascending(a.explainer ?? '', b.explainer ?? '') ||
    ascending(a.rest, b.rest) ||
    ascending(a.preset, b.preset) ||
    compareLabels(armOf(a) ?? '', armOf(b) ?? '')
  );
}
