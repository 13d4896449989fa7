import { mean, standardError, twoSidedQuantile } from '@espalier/numerics';
import { ascending, group } from 'd3-array';
import { compareLabels } from '../study/axes.ts';
import { levelPosition } from '../study/levels.ts';
import { type CurveResult, hasValue, type ScoreResult, type ValuedResult } from './score-results.ts';

/** A mean curve with how sure it is. */
export interface LevelCurve extends Omit<CurveResult, 'standardError'> {
  /** Half of each position's own 95 % interval (Student's t): over the seeds where there are several, else over the samples. */
  readonly half: readonly (number | null)[];
}

/** One metric at one sparsity level: the mean over the seeds' instances, and their range. */
export interface LevelResult
  extends Pick<ScoreResult, 'metric' | 'words' | 'preset' | 'explainer' | 'definition' | 'variant' | 'nominal'> {
  /** Mean counted sparsity over the seeds; null where no model is known. */
  readonly counted: number | null;
  /** False when a model of this level is not as sparse as its label says. */
  readonly labelHolds: boolean;
  /** Controls that no pruner made; see `ModelRecord`. */
  readonly isMatched: boolean;
  /** What was done to the models, where the study has arms. */
  readonly arm: ScoreResult['arm'];
  /** Mean over the per-instance values of all seeds. */
  readonly value: number;
  readonly lowest: number;
  readonly highest: number;
  /** Networks that differ: seeds whose models are one network count once. */
  readonly seeds: number;
  /** Fewest and most samples in one instance. */
  readonly n: readonly [number, number];
  /** Standard error over the samples, where there is a single seed. */
  readonly standardError: number | null;
  /** Half of the 95 % interval of `value` (Student's t): over the seeds where there are several, else over the samples. Null for none. */
  readonly half: number | null;
  /** Mean over the seeds, where all share the same positions. */
  readonly curve: LevelCurve | null;
  readonly results: readonly ScoreResult[];
}

/** Groups results that differ in their seed only, in order of metric, preset, series and sparsity; those without a value are left out. */
export function overSeeds(results: readonly ScoreResult[]): LevelResult[] {
  const keyOf = (result: ScoreResult) => {
    const { metric, preset, explainer, definition, variant, nominal } = result;
    const node = variant === '' ? result.origin.node : '';
    return JSON.stringify([metric, preset, explainer, definition, variant, node, nominal]);
  };
  return [...group(results.filter(hasValue), keyOf).values()].map(joinSeeds).sort(compareLevels);
}

function joinSeeds(results: readonly ValuedResult[]): LevelResult {
  const seeds = new Set(results.map(({ model, origin }) => model?.summary.networkDigest ?? origin.instance)).size;
  const first = results[0]!;
  const { metric, words, preset, explainer, definition, variant, nominal } = first;
  const values = results.map(({ value }) => value);
  const counts = results.map(({ n }) => n);
  const counted = results.map((result) => result.counted).filter((sparsity) => sparsity !== null);
  return {
    ...{ metric, words, preset, explainer, definition, variant, nominal },
    counted: counted.length === 0 ? null : mean(counted),
    labelHolds: results.every(({ model }) => model?.labelHolds ?? true),
    isMatched: results.every(({ model }) => model?.isMatched ?? false),
    arm: first.model?.arm ?? null,
    value: mean(values),
    lowest: Math.min(...values),
    highest: Math.max(...values),
    seeds,
    n: [Math.min(...counts), Math.max(...counts)],
    standardError: seeds === 1 ? first.standardError : null,
    half: halfOf(results, seeds),
    curve: meanCurve(results),
    results,
  };
}

/** Networks that were measured several times each have no interval: their measurements are not independent. */
function halfOf(results: readonly ValuedResult[], seeds: number): number | null {
  if (results.length !== seeds) return null;
  const [first] = results as readonly [ValuedResult];
  if (seeds === 1) return halfWidth(first.standardError, first.n);
  return halfWidth(standardError(results.map(({ value }) => value)), seeds);
}

function meanCurve(results: readonly ScoreResult[]): LevelResult['curve'] {
  const first = results[0]!.curve;
  if (!first) return null;
  const curves = results.map(({ curve }) => curve);
  const same = curves.every((curve) => curve?.at.join() === first.at.join());
  if (!same) return null;
  const means = first.at.map((_, i) => curves.map((curve) => curve!.mean[i]!)); // `same` found a curve in each
  const [{ n }] = results as readonly [ScoreResult];
  return {
    ...{ x: first.x, y: first.y, at: first.at },
    mean: means.map(mean),
    half: means.map((own, i) =>
      own.length > 1 ? halfWidth(standardError(own), own.length) : halfWidth(first.standardError[i]!, n),
    ),
  };
}

function halfWidth(error: number | null, count: number): number | null {
  return error === null ? null : twoSidedQuantile(0.05, count - 1) * error;
}

function compareLevels(a: LevelResult, b: LevelResult): number {
  return (
    ascending(a.metric, b.metric) ||
    ascending(a.preset, b.preset) ||
    ascending(a.variant, b.variant) ||
    ascending(a.definition, b.definition) ||
    ascending(a.explainer ?? '', b.explainer ?? '') ||
    compareLabels(levelPosition(a) ?? undefined, levelPosition(b) ?? undefined)
  );
}
