import {
  count,
  imageLevels,
  type LevelResult,
  levelsOf,
  type MetricColumn,
  metricColumns,
  metricText,
  numberText,
  span,
} from '@espalier/analysis';
import { type Html, html, type Part } from '@espalier/html';
import type { ReportData } from './report-data.ts';
import { sparsityWords } from './sparsity-words.ts';
import { table } from './table.ts';

/** What contradicts its labels, and one table: measures are many and levels are few, so each measure has a row. */
export function overviewSection(data: ReportData): Html {
  const columns = metricColumns(data);
  return html`<section id="overview" aria-labelledby="overview-title">
<h2 id="overview-title">In numbers</h2>
${warnings(data)}
${columns.length > 0 ? html`<p class="aside">${sampleText(data)}</p>` : html`<p class="absent">This run has no scores of images; what was computed is shown below.</p>`}
${overviewTable(data, columns)}
</section>`;
}

/** Says loudly which models are not as sparse as their label. */
function warnings({ models }: ReportData): Html | null {
  const wrong = models.filter(({ labelHolds }) => !labelHolds);
  if (wrong.length === 0) return null;
  const items = wrong.map((model) => html`<li>${sparsityWords(model)}</li>`);
  return html`<div class="warning" role="note" aria-label="Sparsity disagreement">
<p><strong>${count(wrong.length, 'model is', 'models are')} not as sparse as labelled.</strong> Everything below goes by the counted sparsity.</p>
<ul>${items}</ul></div>`;
}

function sampleText(data: ReportData): string {
  const seeds = Math.max(...data.levels.map((level) => level.seeds));
  const counts = imageLevels(data).flatMap(({ n }) => n);
  const images = span([Math.min(...counts), Math.max(...counts)]);
  return `Means over ${images} images per model${seeds > 1 ? ` and ${seeds} seeds` : ', one seed'}.`;
}

function overviewTable(data: ReportData, columns: readonly MetricColumn[]): Html | null {
  const levels = levelsOf(...data.models, ...data.levels).filter(({ key }) =>
    columns.some(({ cells }) => cells.has(key)),
  );
  if (levels.length === 0) return null;
  const head = levels.map((level) => level.name);
  const rows = columns.map((column) => [
    rowHead(column),
    ...levels.map((level) => cellOf(column, column.cells.get(level.key))),
  ]);
  const seeds = data.levels.some((level) => level.seeds > 1);
  const caption = `Mean over images at each counted sparsity${seeds ? ', then over seeds; below it the range over seeds' : ''}. n counts the images of one model.`;
  return table({ caption, head: ['Measure', ...head], rows }, 'Overview of all metrics');
}

function rowHead(column: MetricColumn): Html {
  const { preset, series } = column;
  const about = [series, commonSizes(column)].filter((part) => part !== null && part !== '').join(', ');
  return html`${metricText(column).short} <code class="preset">${preset}</code>${about !== '' && html`<span class="sub">${about}</span>`}`;
}

/** Sample sizes where all cells of the row share them. */
function commonSizes({ cells }: MetricColumn): string | null {
  const texts = new Set([...cells.values()].map(sizesOf));
  return texts.size === 1 ? [...texts][0]! : null;
}

function sizesOf({ n, seeds }: LevelResult): string {
  return seeds > 1 ? `n ${span(n)}, ${count(seeds, 'seed')}` : `n ${span(n)}`;
}

function cellOf(column: MetricColumn, level: LevelResult | undefined): Part {
  if (!level) return html`<span class="none">not measured</span>`;
  const text = (value: number) => numberText(column, value);
  const range = level.seeds > 1 && html`<span class="sub">${text(level.lowest)} to ${text(level.highest)}</span>`;
  const sizes = commonSizes(column) === null && html`<span class="sub">${sizesOf(level)}</span>`;
  return html`${text(level.value)}${range}${sizes}`;
}
