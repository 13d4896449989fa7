import { levelKey } from '../study/levels.ts';
import { knownMetrics, metricText, type Named } from '../text/names.ts';
import { decimal, fixedPercent } from '../text/numbers.ts';
import type { LevelResult } from './over-seeds.ts';

/** Results and how their explainers are called. */
export interface NamedResults {
  readonly levels: readonly LevelResult[];
  /** Display names by explainer label, in the order of the page. */
  readonly explainers: ReadonlyMap<string, string>;
}

/** One metric of images with one preset and series, by level. */
export interface MetricColumn {
  readonly metric: string;
  readonly words: LevelResult['words'];
  readonly preset: string;
  /** What sets it apart from other columns of its metric; may be empty. */
  readonly series: string;
  readonly cells: ReadonlyMap<string, LevelResult>;
}

/** Every column of the overview: the field's metrics first, explainers in the order of the page. */
export function metricColumns(data: NamedResults): MetricColumn[] {
  const columns = new Map<string, MetricColumn & { cells: Map<string, LevelResult> }>();
  for (const level of ordered(data, imageLevels(data))) {
    const series = seriesName(data, level);
    const key = JSON.stringify([level.metric, level.preset, series]);
    const column = columns.get(key) ?? {
      metric: level.metric,
      words: level.words,
      preset: level.preset,
      series,
      cells: new Map(),
    };
    column.cells.set(levelKey(level), level);
    columns.set(key, column);
  }
  return [...columns.values()];
}

/** Results whose samples are images, those about concepts aside. */
export function imageLevels({ levels }: Pick<NamedResults, 'levels'>): LevelResult[] {
  return levels.filter(({ results }) => results[0]!.sample === 'image' && results[0]!.aspect !== 'concepts');
}

/** Results about concepts, whatever a sample is. */
export function conceptLevels({ levels }: Pick<NamedResults, 'levels'>): LevelResult[] {
  return levels.filter(({ results }) => results[0]!.aspect === 'concepts');
}

/** Sorted by metric and explainer as the page shows them; otherwise in the order given. */
export function ordered(data: Pick<NamedResults, 'explainers'>, levels: readonly LevelResult[]): LevelResult[] {
  const explainers = [...data.explainers.keys()];
  const metricPlace = ({ metric }: LevelResult) => {
    const place = knownMetrics.indexOf(metric);
    return place < 0 ? knownMetrics.length : place;
  };
  const explainerPlace = ({ explainer }: LevelResult) => (explainer === null ? -1 : explainers.indexOf(explainer));
  return [...levels].sort((a, b) => metricPlace(a) - metricPlace(b) || explainerPlace(a) - explainerPlace(b));
}

/** What sets a result's line apart from others of its metric: explainer, then variant and definition where several. */
export function seriesName(data: Pick<NamedResults, 'explainers' | 'levels'>, level: LevelResult): string {
  const alike = data.levels.filter(({ metric }) => metric === level.metric);
  const severalVariants = new Set(alike.map(({ variant }) => variant)).size > 1;
  const parts = [explainerName(data, level.explainer), severalVariants ? level.variant : '', level.definition];
  return parts.filter((part) => part !== '').join(', ');
}

/** The display name of an explainer label; empty for none. */
export function explainerName({ explainers }: Pick<NamedResults, 'explainers'>, label: string | null): string {
  return label === null ? '' : (explainers.get(label) ?? label);
}

/** `value` as numbers of the metric are usually written. */
export function numberText(score: Named, value: number): string {
  return metricText(score).asPercent ? fixedPercent(value) : decimal(value);
}
