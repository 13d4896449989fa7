import type { Scores, Settings } from '@espalier/core';
import type { ScoreResult } from '../results/score-results.ts';

/** What a comparison needs of one score: its values by sample, and where in the study they belong. */
export interface ScoredSamples
  extends Pick<ScoreResult, 'metric' | 'words' | 'preset' | 'aspect' | 'role' | 'direction' | 'sample'>,
    Pick<ScoreResult, 'arm' | 'seed' | 'draw' | 'explainer' | 'alternative' | 'rest'> {
  readonly instance: string;
  readonly node: string;
  /** 1 says that the model answers an image correctly, 0 that it does not. */
  readonly isCorrectness: boolean;
  /** Images that models may be compared on alone; null where they may be on any. */
  readonly comparedOn: NonNullable<Scores['comparedOn']> | null;
  readonly settings: Settings;
  readonly level: number;
  /** It was measured against a baseline that is itself, which may make it what it is. */
  readonly isBaseline: boolean;
  /** Largest difference that does not matter, as the metric declares it; null where it declares none. */
  readonly margin: number | null;
  /** Mean that passes a sanity check, as the metric declares it; null where it declares none. */
  readonly bar: number | null;
  /** Counted sparsity of the weights that the pruner considered; null where no model is known. */
  readonly considered: number | null;
  /** False where the model is not as sparse as `level` says. */
  readonly labelHolds: boolean;
  /** A control that no pruner made. */
  readonly isMatched: boolean;
  readonly ids: readonly string[];
  readonly values: readonly number[];
  /** The values of each draw of something random, whose mean `values` are; none where nothing was drawn. */
  readonly byDraw: readonly (readonly number[])[];
  /** What each sample shares with others, as the metric says; null where it says nothing. */
  readonly sharedFits: readonly string[] | null;
  readonly definitions: NonNullable<Scores['definitions']>;
  /** Why there is no value at all; null where there is one. */
  readonly whyEmpty: string | null;
  /** Of the model; null where it is not known. */
  readonly network: string | null;
}

/**
 * The part of a score that comparisons use; null for what cannot be compared: parameters, totals, what a clock says, models without a level.
 */
export function scoredSamples(scores: Scores, result: ScoreResult): ScoredSamples | null {
  const { metric, words, preset, aspect, role, direction, sample } = result;
  const { arm, seed, draw, explainer, alternative, rest } = result;
  const { nominal, origin, model } = result;
  const isOfSamples = scores.sample !== 'parameter' && scores.sample !== 'network' && scores.summary !== 'last';
  if (nominal === null || !isOfSamples || scores.isTiming) return null;
  return {
    instance: origin.instance,
    node: origin.node,
    ...{ metric, words, preset, aspect, role, direction, sample },
    ...{ arm, seed, draw, explainer, alternative, rest },
    isBaseline: origin.isBaseline === true && !scores.isFairAtBaseline,
    margin: scores.margin ?? null,
    bar: scores.bar ?? null,
    isCorrectness: scores.isCorrectness ?? false,
    comparedOn: scores.comparedOn ?? null,
    settings: scores.settings ?? {},
    level: nominal,
    considered: model?.considered ?? null,
    labelHolds: model?.labelHolds ?? true,
    isMatched: model?.isMatched ?? false,
    ids: scores.ids,
    values: scores.values,
    byDraw: scores.draws?.values ?? [],
    sharedFits: scores.sharedFits ?? null,
    definitions: scores.definitions ?? [],
    whyEmpty: scores.values.length > 0 ? null : whyEmpty(scores),
    network: model?.summary.networkDigest ?? null,
  };
}

function whyEmpty({ omitted = [] }: Scores): string {
  return omitted.map(({ reason }) => reason).join('; ') || 'no reason is given';
}

/** What scores of one series have in common: one metric, as one node measured it, of one explainer. */
export function seriesKey({ metric, preset, explainer, rest, node }: ScoredSamples): string {
  return JSON.stringify([metric, preset, explainer, rest, node]);
}
