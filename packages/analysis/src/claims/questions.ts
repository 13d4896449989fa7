import { ascending, group } from 'd3-array';
import { compareLabels, type Label } from '../study/axes.ts';
import type { ScoredSamples } from './scored-samples.ts';

/** Which labels mean what to a comparison. */
export interface ArmNames {
  /** Label on the arm axis whose models are asked about; where it is null or no model has it, every arm is. */
  readonly treatment: string | null;
}

/** Two sets of models to be compared by one metric: one pair of scores for every training seed. */
export interface Question {
  readonly metric: string;
  readonly words: ScoredSamples['words'];
  readonly level: number;
  /** The arm asked about; null in a study without arms. */
  readonly arm: Label | null;
  readonly against: { readonly kind: 'dense' } | { readonly kind: 'control'; readonly arm: Label };
  readonly seeds: readonly { readonly treated: ScoredSamples; readonly reference: ScoredSamples }[];
}

/**
 * What a study's scores can be asked: for each metric, explainer and level, the difference to the dense model and to every
 * other arm at the same level. Level 0 is dense.
 */
export function questionsOf(scores: readonly ScoredSamples[], { treatment }: ArmNames): Question[] {
  const defaults = scores.filter(({ alternative }) => alternative === null);
  const seriesKey = ({ metric, preset, explainer, rest, node }: ScoredSamples) =>
    JSON.stringify([metric, preset, explainer, rest, node]);
  const series = [...group(defaults, seriesKey).values()].sort(compareSeries);
  return series.flatMap((group) => questionsOfSeries(group, treatment));
}

function questionsOfSeries(series: readonly ScoredSamples[], treatment: string | null): Question[] {
  const arms = [...new Set(series.map(({ arm }) => arm))].sort((a, b) => ascending(String(a), String(b)));
  const known = treatment !== null && arms.includes(treatment);
  const treated = known ? [treatment] : arms;
  const controls = known ? arms.filter((arm): arm is Label => arm !== treatment && arm !== null) : [];
  const levels = [...new Set(series.map(({ level }) => level))].filter((level) => level !== 0).sort(compareLabels);
  const { metric, words } = series[0]!;
  return treated.flatMap((arm) =>
    levels.flatMap((level) => {
      const own = series.filter((scores) => scores.arm === arm && scores.level === level);
      const ask = (against: Question['against'], reference: readonly ScoredSamples[]): Question => {
        return { metric, words, level, arm, against, seeds: pairs(own, reference) };
      };
      const others = controls.map((control) => {
        const reference = series.filter((scores) => scores.arm === control && scores.level === level);
        return ask({ kind: 'control', arm: control }, reference);
      });
      return [ask({ kind: 'dense' }, denseOf(series, arm)), ...others].filter(({ seeds }) => seeds.length > 0);
    }),
  );
}

/** The dense models of an arm; of any arm, where its own were not measured: they are the same networks. */
function denseOf(series: readonly ScoredSamples[], arm: Label | null): readonly ScoredSamples[] {
  const dense = series.filter(({ level }) => level === 0);
  const own = dense.filter((scores) => scores.arm === arm);
  return own.length > 0 ? own : dense;
}

/**
 * Pairs by seed, in the order of seeds; a seed that one side lacks is left out, and so is one whose two networks are those of a
 * seed before: labels do not make replicates.
 */
function pairs(treated: readonly ScoredSamples[], reference: readonly ScoredSamples[]): Question['seeds'] {
  const seen = new Set<string>();
  return [...treated]
    .sort((a, b) => compareLabels(a.seed ?? '', b.seed ?? ''))
    .flatMap((own) => {
      const other = reference.find(({ seed }) => seed === own.seed);
      if (!other) return [];
      // Networks that are not known may be any.
      const networks = JSON.stringify([own.network ?? own.seed, other.network ?? other.seed]);
      if (seen.has(networks)) return [];
      seen.add(networks);
      return [{ treated: own, reference: other }];
    });
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
