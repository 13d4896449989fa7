import { disagreements } from '../results/models.ts';
import type { LevelResult } from '../results/over-seeds.ts';
import { count, decimal, percent, span } from './format.ts';
import { type Html, html, type Part } from './html.ts';
import { type Level, levelKey, levelsOf } from './levels.ts';
import { knownMetrics, metricText } from './names.ts';
import type { ReportData } from './report-data.ts';
import { table } from './table.ts';

/** The summary paragraph, what contradicts its labels, and one table with a row per level. */
export function overviewSection(data: ReportData): Html {
  return html`<section id="overview" aria-labelledby="overview-title">
<h2 id="overview-title">In numbers</h2>
${warnings(data)}
${answer(data)}
${overviewTable(data)}
</section>`;
}

/** Says loudly which models are not as sparse as their label. */
function warnings({ models }: ReportData): Html | null {
  const wrong = disagreements(models);
  if (wrong.length === 0) return null;
  const items = wrong.map(
    ({ origin, nominal, counted }) =>
      html`<li><code>${origin.instance}</code> is labelled <strong>${percent(nominal!)}</strong>; counted, <strong>${percent(counted)}</strong> of its kernel weights are zero.</li>`,
  );
  return html`<div class="warning" role="note" aria-label="Sparsity disagreement">
<p><strong>${count(wrong.length, 'model is', 'models are')} not as sparse as labelled.</strong> Every figure and table below goes by the counted sparsity.</p>
<ul>${items}</ul></div>`;
}

function answer(data: ReportData): Html {
  const levels = levelsOf(data.models, data.levels);
  const shown = columnsOf(data);
  if (shown.length === 0) return html`<p class="lead">This run has no scores; what was computed is shown below.</p>`;
  const [first, last] = [levels[0], levels.at(-1)];
  const seeds = Math.max(...data.levels.map((level) => level.seeds));
  const range =
    first && last && first !== last
      ? html`From ${first.name} to ${last.name} of the kernel weights removed: `
      : html`At ${first?.name ?? 'one level'}: `;
  const parts = shown
    .filter(({ metric }) => ['accuracy', 'sparseness', 'road-aopc'].includes(metric))
    .map((column) => sentencePart(column, first, last));
  return html`<p class="lead">${range}${joined(parts.filter((part) => part !== null))}.</p>
<p class="aside">Means over ${count(data.images.ids.length, 'explained image')}${seeds > 1 ? html` and ${count(seeds, 'seed')}` : ' and a single seed'}. No interval or test stands behind these differences: read them as measurements of this run, not as effects of pruning.</p>`;
}

function sentencePart(column: Column, first: Level | undefined, last: Level | undefined): Html | null {
  const from = first && column.cells.get(first.key);
  const to = last && column.cells.get(last.key);
  if (!from || !to) return null;
  const { short } = metricText(column.metric);
  const change = from === to ? valueText(from) : html`${valueText(from)} \u2192 ${valueText(to)}`;
  return html`${short}${column.series && html` (${column.series})`} <b class="figure">${change}</b> <code class="preset">${column.preset}</code>`;
}

function joined(parts: readonly Part[]): Part[] {
  return parts.flatMap((part, i) => (i === 0 ? [part] : ['; ', part]));
}

interface Column {
  readonly metric: string;
  readonly preset: string;
  /** Explainer, variant and definition where they tell columns apart. */
  readonly series: string;
  readonly cells: ReadonlyMap<string, LevelResult>;
}

function overviewTable(data: ReportData): Html {
  const columns = columnsOf(data);
  const levels = levelsOf(data.models, data.levels).filter(({ key }) => columns.some(({ cells }) => cells.has(key)));
  if (columns.length === 0 || levels.length === 0) return html``;
  const head = columns.map(
    ({ metric, preset, series }) =>
      html`${metricText(metric).short}${series && html`<span class="sub">${series}</span>`}<code class="preset">${preset}</code>`,
  );
  const rows = levels.map((level) => [
    html`${level.name}`,
    ...columns.map(({ cells }) => cellOf(cells.get(level.key))),
  ]);
  const seeds = data.levels.some((level) => level.seeds > 1);
  const caption = html`Mean over images at each level${seeds ? ', averaged over seeds; the second line is the range over seeds' : ''}. <i>n</i> counts the images of one instance.`;
  return table({ caption, head: ['Counted sparsity', ...head], rows }, 'Overview of all metrics');
}

function cellOf(level: LevelResult | undefined): Part {
  if (!level) return html`<span class="none">not measured</span>`;
  const range =
    level.seeds > 1
      ? html`<span class="sub">${numberText(level, level.lowest)}\u2013${numberText(level, level.highest)}, ${level.seeds} seeds</span>`
      : null;
  return html`${valueText(level)}${range}<span class="sub"><i>n</i> ${span(level.n)}</span>`;
}

/** The level's value as the metric is usually written. */
export function valueText(level: LevelResult): string {
  return numberText(level, level.value);
}

/** `value` as numbers of the level's metric are usually written. */
export function numberText({ metric }: Pick<LevelResult, 'metric'>, value: number): string {
  return metricText(metric).asPercent ? percent(value, 1) : decimal(value);
}

/** One column per metric of images, preset and series, the field's metrics first. */
function columnsOf(data: ReportData): Column[] {
  const columns = new Map<string, Column & { cells: Map<string, LevelResult> }>();
  const perImage = data.levels.filter((level) => level.results[0]!.sample === 'image');
  for (const level of perImage) {
    const series = seriesName(data, level);
    const key = JSON.stringify([level.metric, level.preset, series]);
    const column = columns.get(key) ?? { metric: level.metric, preset: level.preset, series, cells: new Map() };
    column.cells.set(levelKey(level), level);
    columns.set(key, column);
  }
  const place = ({ metric }: Column) => (knownMetrics.indexOf(metric) + 1 || knownMetrics.length + 1) - 1;
  return [...columns.values()].sort((a, b) => place(a) - place(b));
}

/** What sets a result's line apart from others of its metric: explainer, then variant and definition where several. */
export function seriesName(data: Pick<ReportData, 'explainers' | 'levels'>, level: LevelResult): string {
  const alike = data.levels.filter(({ metric }) => metric === level.metric);
  const several = (of: (level: LevelResult) => string) => new Set(alike.map(of)).size > 1;
  const parts = [
    level.explainer === null ? '' : (data.explainers.get(level.explainer) ?? level.explainer),
    several(({ variant }) => variant) ? level.variant : '',
    level.definition,
  ];
  return parts.filter((part) => part !== '').join(', ');
}
