import { type Entry, expectFinite, type Origin, type Scores } from '@espalier/core';
import { mean, standardError } from '@espalier/numerics';
import { type AxisNames, compareOrigins, type Label, labelText, numericLabel, withoutAxes } from '../study/axes.ts';
import { type ModelRecord, modelOf } from '../study/models.ts';
import { matrixColumn } from './matrix-column.ts';

/** Mean curve over the samples of one instance. */
export interface CurveResult {
  /** What the positions are, for example `% of pixels removed`, and what the values are. */
  readonly x: string;
  readonly y: string;
  readonly at: readonly number[];
  readonly mean: readonly number[];
  readonly standardError: readonly (number | null)[];
}

/** One metric of one instance, over its samples. */
export interface ScoreResult
  extends Pick<
    Scores,
    'metric' | 'words' | 'preset' | 'aspect' | 'role' | 'direction' | 'range' | 'sample' | 'summary' | 'isTiming'
  > {
  readonly origin: Origin;
  readonly model: ModelRecord | null;
  readonly nominal: number | null;
  readonly counted: number | null;
  readonly seed: Label | null;
  /** Which draw of what is random it is: a mask of a control, a dictionary, a network of random weights. */
  readonly draw: Label | null;
  readonly variant: string;
  /** The explainer as the study labels it, or as it calls itself in a study that does not. */
  readonly explainer: string | null;
  /** As it calls itself. */
  readonly explainerName: string | null;
  readonly arm: Label | null;
  /** Label on the definition axis; null for the definition that claims go by. */
  readonly alternative: string | null;
  /** Labels that are neither the model's nor the explainer. */
  readonly definition: string;
  /** Labels that are no axis with a meaning of its own. */
  readonly rest: string;
  /** Whose values these are a difference to; null where they are values of their own. */
  readonly difference: NonNullable<Scores['difference']> | null;
  /** Samples measured. */
  readonly n: number;
  /** How many images have no score, by reason. */
  readonly omitted: readonly { readonly reason: string; readonly count: number }[];
  /** Mean over the samples, or the last value where the metric says so; null where no sample has a value. */
  readonly value: number | null;
  /** Of the mean over samples; null for one sample or a last value. */
  readonly standardError: number | null;
  readonly curve: CurveResult | null;
  /** What was drawn, and the mean over the samples of each draw; null where nothing was. */
  readonly draws: { readonly of: string; readonly means: readonly number[] } | null;
}

/** A result that some sample has a value for. */
export type ValuedResult = ScoreResult & { readonly value: number };

export function hasValue(result: ScoreResult): result is ValuedResult {
  return result.value !== null;
}

/** Sees each score once, while it is in memory. */
export type ScoreVisitor = (scores: Scores, result: ScoreResult) => void;

/** Reads and summarises every score, one instance at a time. @throws StudyError `core/values-not-finite`, naming it */
export async function readScores(
  entries: readonly Entry<readonly Scores[]>[],
  models: readonly ModelRecord[],
  axes: AxisNames,
  visit: ScoreVisitor,
): Promise<ScoreResult[]> {
  const results: ScoreResult[] = [];
  for (const { origin, load } of [...entries].sort((a, b) => compareOrigins(a.origin, b.origin))) {
    for (const scores of await load()) {
      const result = summariseScores(origin, scores, modelOf(origin, models), axes);
      results.push(result);
      visit(scores, result);
    }
  }
  return results;
}

function summariseScores(origin: Origin, scores: Scores, model: ModelRecord | null, axes: AxisNames): ScoreResult {
  const where = `The scores "${scores.metric}" of ${origin.instance}`;
  expectFinite(scores.values, where);
  const { labels } = origin;
  const { metric, words, preset, aspect, role, direction, range, sample, summary, isTiming } = scores;
  const modelAxes = Object.keys(model?.origin.labels ?? {});
  const { sparsity, seed, draw, explainer, arm } = axes;
  const given = labels[axes.definition]?.toString() ?? axes.defaultDefinition;
  const alternative = given === axes.defaultDefinition ? null : given;
  const meaningful = [sparsity, seed, draw, explainer, ...(alternative === null ? [axes.definition] : [])];
  const last = summary === 'last';
  const { attributions, explainer: asked } = scores.label.of;
  const explainerName = (attributions ?? asked)?.name ?? null;
  return {
    origin,
    model,
    nominal: numericLabel(labels[axes.sparsity]),
    counted: model?.counted ?? null,
    seed: labels[axes.seed] ?? null,
    draw: labels[axes.draw] ?? null,
    variant: model?.variant ?? '',
    explainer: labels[axes.explainer]?.toString() ?? explainerName,
    explainerName,
    definition: labelText(withoutAxes(labels, [...meaningful, ...modelAxes])),
    rest: labelText(withoutAxes(labels, [...meaningful, arm, axes.definition])),
    arm: labels[arm] ?? null,
    alternative,
    ...{ metric, words, preset, aspect, role, direction, range, sample, summary },
    ...(isTiming && { isTiming }),
    difference: scores.difference ?? null,
    n: scores.values.length,
    omitted: (scores.omitted ?? []).map(({ reason, ids }) => ({ reason, count: ids.length })),
    value: scores.values.length === 0 ? null : last ? scores.values.at(-1)! : mean(scores.values),
    standardError: last ? null : standardError(scores.values),
    curve: scores.curve && scores.values.length > 0 ? summariseCurve(scores.curve, where) : null,
    draws: scores.draws && scores.values.length > 0 ? summariseDraws(scores.draws, where) : null,
  };
}

function summariseDraws({ of, values }: NonNullable<Scores['draws']>, where: string): ScoreResult['draws'] {
  expectFinite(values.flat(), `${where}, draws`);
  return { of, means: values.map(mean) };
}

function summariseCurve(curve: NonNullable<Scores['curve']>, where: string): CurveResult {
  expectFinite(curve.values.data, `${where}, curve`);
  const { x, y, at } = curve;
  const columns = at.map((_, i) => matrixColumn(curve.values.data, at.length, i));
  return { x, y, at, mean: columns.map(mean), standardError: columns.map(standardError) };
}
