import {
  conceptLevels,
  conceptMetrics,
  count,
  decimal,
  type LevelResult,
  levelKey,
  levelsOf,
  metricText,
  type Named,
  numberText,
  seriesName,
  span,
} from '@espalier/analysis';
import { type Html, html, type Part } from '@espalier/html';
import { group } from 'd3-array';
import { lineageBlock } from './lineage.ts';
import type { ReportData } from './report-data.ts';
import { table } from './table.ts';

const companion = '-minus-null';

/** How good the concepts are, by level and each beside its null; and what becomes of them from level to level. */
export function conceptQualitySection(data: ReportData): Html {
  const levels = conceptLevels(data);
  const lineage = lineageBlock(data);
  const variants = [...group(levels, ({ variant }) => variant)];
  return html`<section id="concept-quality" aria-labelledby="concept-quality-title">
<h2 id="concept-quality-title">Concepts in numbers</h2>
${
  levels.length > 0 &&
  html`<p>Means over classes, images or planted concepts. Below each value, where one is known, its null: the same of concepts that nothing was learned for; and their difference with its standard error over the samples, where there is one seed.</p>
${variants.map(([variant, own], i) => qualityTable(data, { variant, levels: own, several: variants.length > 1, open: i === 0 }))}`
}
${lineage}
${levels.length === 0 && !lineage && html`<p class="absent">No scores of concepts and no concepts of several levels were connected to this report.</p>`}
</section>`;
}

interface Shown {
  readonly variant: string;
  readonly levels: readonly LevelResult[];
  readonly several: boolean;
  readonly open: boolean;
}

function qualityTable(data: ReportData, { variant, levels, several, open }: Shown): Html {
  const columns = levelsOf(...levels);
  const values = levels.filter(({ metric }) => !metric.endsWith(companion));
  const keyOf = (level: LevelResult) => JSON.stringify([level.metric, level.preset, seriesOf(data, level)]);
  const rows = [...group(inOrder(values), keyOf).values()].map((own) => {
    const nulls = levels.filter(
      (level) => level.metric === `${own[0]!.metric}${companion}` && seriesOf(data, level) === seriesOf(data, own[0]!),
    );
    const cells = columns.map(({ key }) => {
      const at = (list: readonly LevelResult[]) => list.find((level) => levelKey(level) === key);
      return cellOf(at(own), at(nulls));
    });
    return [rowHead(data, own[0]!), ...cells];
  });
  const caption = `Quality of the concepts${several ? ` of ${variant}` : ''} by counted sparsity`;
  const content = table({ caption, head: ['Measure', ...columns.map(({ name }) => name)], rows }, caption);
  return open ? content : html`<details class="data"><summary>${caption}</summary>${content}</details>`;
}

function inOrder(levels: readonly LevelResult[]): LevelResult[] {
  const names = Object.keys(conceptMetrics);
  const place = ({ metric }: LevelResult) => (names.includes(metric) ? names.indexOf(metric) : names.length);
  return [...levels].sort((a, b) => place(a) - place(b));
}

/** What sets a row apart from others of its metric, the variant aside. */
function seriesOf(data: ReportData, level: LevelResult): string {
  return seriesName({ ...data, levels: [level] }, level);
}

function rowHead(data: ReportData, level: LevelResult): Html {
  const { preset, n, seeds, results } = level;
  const { short, meaning } = metricText(level);
  const samples = { image: 'images', class: 'classes', concept: 'planted concepts', parameter: 'parameters' };
  const size = `${span(n)} ${samples[results[0]!.sample]}${seeds > 1 ? `, ${count(seeds, 'seed')}` : ''}`;
  const series = seriesOf(data, level);
  return html`<span title="${meaning}">${short}</span>${series && html`<span class="sub">${series}</span>`}<span class="sub">${size}</span><code class="preset">${preset}</code>`;
}

function cellOf(level: LevelResult | undefined, above: LevelResult | undefined): Part {
  if (!level) return html`<span class="none">not measured</span>`;
  const text = (value: number) => numberText(level, value);
  if (!above) return text(level.value);
  const error = above.standardError === null ? '' : ` \u00b1 ${errorText(level, above.standardError)}`;
  return html`${text(level.value)}<span class="sub">null ${text(level.value - above.value)}</span><span class="sub">${above.value >= 0 ? '+' : ''}${text(above.value)}${error}</span>`;
}

function errorText(score: Named, value: number): string {
  return metricText(score).asPercent ? decimal(100 * value, 1) : decimal(value);
}
