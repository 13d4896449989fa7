import { ascending, group, rollup } from 'd3-array';
import { compareLabels, type Label } from '../study/axes.ts';
import { type ScoredSamples, seriesKey } from './scored-samples.ts';

/** Which labels mean what to a comparison. */
export interface ArmNames {
  /** Label on the arm axis whose models are asked about; where it is null or no model has it, every arm is. */
  readonly treatment: string | null;
  /** Label on the arm axis that the treatment is held against first; where it is null or no model has it, the dense model is. */
  readonly control: string | null;
}

/** What a set of models is held against. */
export type Against = { readonly kind: 'dense' } | { readonly kind: 'control'; readonly arm: Label };

/** Scores of two networks on the same samples, of one training seed and one draw. */
export interface Pair {
  readonly treated: ScoredSamples;
  readonly reference: ScoredSamples;
}

/** Two sets of models to be compared by one metric: one pair of scores for every training seed, and draw where there are several. */
export interface Question {
  readonly metric: string;
  readonly words: ScoredSamples['words'];
  readonly level: number;
  /** The arm asked about; null in a study without arms. */
  readonly arm: Label | null;
  readonly against: Against;
  /** Whether it is the study's own question: against the control, or against dense where there is none. */
  readonly isMain: boolean;
  readonly pairs: readonly Pair[];
}

/**
 * What a study's scores can be asked: for each metric, explainer and level, the difference to every other arm at the same level and to
 * the dense model. Level 0 is dense.
 */
export function questionsOf(scores: readonly ScoredSamples[], names: ArmNames): Question[] {
  const defaults = scores.filter(({ alternative }) => alternative === null);
  const series = [...group(defaults, seriesKey).values()].sort(compareSeries);
  const arms = new Set(scores.map(({ arm }) => arm));
  const has = (arm: string | null) => arm !== null && arms.has(arm);
  const treatment = has(names.treatment) ? names.treatment : null;
  const control = treatment !== null && has(names.control) && names.control !== treatment ? names.control : null;
  return series.flatMap((group) => questionsOfSeries(group, { treatment, control }));
}

function questionsOfSeries(series: readonly ScoredSamples[], { treatment, control }: ArmNames): Question[] {
  const arms = [...new Set(series.map(({ arm }) => arm))].sort((a, b) => ascending(String(a), String(b)));
  const treated = treatment === null ? arms : arms.filter((arm) => arm === treatment);
  const controls = treatment === null ? [] : arms.filter((arm): arm is Label => arm !== treatment && arm !== null);
  const levels = [...new Set(series.map(({ level }) => level))].filter((level) => level !== 0).sort(compareLabels);
  const { metric, words } = series[0]!;
  return treated.flatMap((arm) =>
    levels.flatMap((level) => {
      const own = series.filter((scores) => scores.arm === arm && scores.level === level);
      const ask = (against: Against, isMain: boolean, reference: readonly ScoredSamples[]): Question => {
        return { metric, words, level, arm, against, isMain, pairs: pairs(own, reference) };
      };
      const others = controls.map((other) => {
        const reference = series.filter((scores) => scores.arm === other && scores.level === level);
        return ask({ kind: 'control', arm: other }, other === control, reference);
      });
      return [ask({ kind: 'dense' }, control === null, denseOf(series, arm)), ...others].filter(
        (question) => question.pairs.length > 0,
      );
    }),
  );
}

/**
 * The dense models of an arm; of any arm, where its own were not measured: they are the same networks. What was measured against
 * itself is no reference: the difference to it is so by construction.
 */
function denseOf(series: readonly ScoredSamples[], arm: Label | null): readonly ScoredSamples[] {
  const dense = series.filter(({ level, isBaseline }) => level === 0 && !isBaseline);
  const own = dense.filter((scores) => scores.arm === arm);
  return own.length > 0 ? own : dense;
}

/**
 * Pairs by seed and draw, in their order; where one side has a single draw, it stands beside each of the other's. A seed that one
 * side lacks is left out, and so are networks that were paired before under another seed: labels do not make replicates.
 */
function pairs(treated: readonly ScoredSamples[], reference: readonly ScoredSamples[]): readonly Pair[] {
  const seen = new Set<string>();
  const [single, singleReference] = [singleDraws(treated), singleDraws(reference)];
  return [...treated].sort(bySeedAndDraw).flatMap((own) =>
    reference
      .filter(({ seed, draw }) => seed === own.seed && (draw === own.draw || single(seed) || singleReference(seed)))
      .sort(bySeedAndDraw)
      .flatMap((other) => {
        // Networks that are not known may be any.
        const networks = [own.network ?? own.seed, other.network ?? other.seed];
        const key = JSON.stringify([...networks, own.draw, other.draw]);
        if (seen.has(key)) return [];
        seen.add(key);
        return [{ treated: own, reference: other }];
      }),
  );
}

/** Whether all that there is of a seed is of one draw. */
function singleDraws(side: readonly ScoredSamples[]): (seed: Label | null) => boolean {
  const draws = rollup(
    side,
    (scores) => new Set(scores.map(({ draw }) => draw)).size,
    ({ seed }) => seed,
  );
  return (seed) => draws.get(seed) === 1;
}

function bySeedAndDraw(a: ScoredSamples, b: ScoredSamples): number {
  return compareLabels(a.seed ?? '', b.seed ?? '') || compareLabels(a.draw ?? '', b.draw ?? '');
}

function compareSeries([a]: readonly ScoredSamples[], [b]: readonly ScoredSamples[]): number {
  return (
    ascending(a!.aspect, b!.aspect) ||
    ascending(a!.metric, b!.metric) ||
    ascending(a!.explainer ?? '', b!.explainer ?? '') ||
    ascending(a!.rest, b!.rest) ||
    ascending(a!.preset, b!.preset) ||
    ascending(a!.node, b!.node)
  );
}
