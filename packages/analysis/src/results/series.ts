import { ascending, group } from 'd3-array';
import type { LevelResult } from './over-seeds.ts';
import type { ScoreResult } from './score-results.ts';

/** Results and how their explainers are called. */
export interface NamedResults {
  readonly levels: readonly LevelResult[];
  /** Display names by explainer label, in the order of the page. */
  readonly explainers: ReadonlyMap<string, string>;
}

/** One metric with one preset, explainer, arm and definition, by level. */
export interface ScoreSeries {
  /** What sets it apart from other series of its metric; may be empty. */
  readonly name: string;
  /** At least one, sparsest last. */
  readonly levels: readonly LevelResult[];
  /** What all levels have in common. */
  readonly score: ScoreResult;
}

/** `levels` by series: by aspect, metric and explainer as the page shows them; otherwise in the order given. */
export function seriesOf(data: NamedResults, levels: readonly LevelResult[]): readonly ScoreSeries[] {
  const names = new Map(levels.map((level) => [level, seriesName(data, level)]));
  const places = [...data.explainers.keys()];
  const place = ({ explainer }: LevelResult) => (explainer === null ? -1 : places.indexOf(explainer));
  const ordered = [...levels].sort(
    (a, b) =>
      ascending(a.results[0]!.aspect, b.results[0]!.aspect) || ascending(a.metric, b.metric) || place(a) - place(b),
  );
  const key = (level: LevelResult) => JSON.stringify([level.metric, level.preset, names.get(level)]);
  return [...group(ordered, key).values()].map((own) => ({
    ...{ name: names.get(own[0]!)!, levels: own, score: own[0]!.results[0]! },
  }));
}

/** Explainer, then variant and definition where several. */
function seriesName(data: NamedResults, level: LevelResult): string {
  const alike = data.levels.filter(({ metric }) => metric === level.metric);
  const severalVariants = new Set(alike.map(({ variant }) => variant)).size > 1;
  const parts = [explainerName(data, level.explainer), severalVariants ? level.variant : '', level.definition];
  return parts.filter((part) => part !== '').join(', ');
}

/** The display name of an explainer label; empty for none. */
export function explainerName({ explainers }: Pick<NamedResults, 'explainers'>, label: string | null): string {
  return label === null ? '' : (explainers.get(label) ?? label);
}

/** Display names by explainer label, in order of labels; a name that several labels share stands with its label. */
export function explainerNames(
  explained: Iterable<Pick<ScoreResult, 'explainer' | 'explainerName'>>,
): ReadonlyMap<string, string> {
  const called = new Map<string, string>();
  for (const { explainer, explainerName: name } of explained)
    if (explainer !== null) called.set(explainer, name ?? explainer);
  const isShared = (name: string) => [...called.values()].filter((other) => other === name).length > 1;
  return new Map(
    [...called]
      .sort(([a], [b]) => ascending(a, b))
      .map(([label, name]) => [label, isShared(name) && name !== label ? `${name} (${label})` : name]),
  );
}
