import { lineChart } from '../charts/line-chart.ts';
import { paddedDomain, type Series, shapes } from '../charts/series.ts';
import { type PaperExplainer, type PaperLevel, paperExplainer, paperLevels, paperSource } from '../paper.ts';
import { type LevelResult, levelPosition } from '../results/over-seeds.ts';
import { decimal, percent, span } from './format.ts';
import { type Html, html, link } from './html.ts';
import { legend } from './legend.ts';
import { nameOf } from './levels.ts';
import { knownMetrics, metricText } from './names.ts';
import { numberText, seriesName } from './overview.ts';
import type { ReportData } from './report-data.ts';
import { foldedTable } from './table.ts';

/** Every metric of images over counted sparsity, one figure per metric and preset. */
export async function figuresSection(data: ReportData): Promise<Html> {
  const figures: Html[] = [];
  for (const group of metricGroups(data)) figures.push(await sparsityFigure(data, group));
  const body =
    figures.length > 0
      ? figures
      : html`<p class="absent">No metric was measured on images at a known sparsity, so there is nothing to draw over it.</p>`;
  return html`<section id="figures" aria-labelledby="figures-title">
<h2 id="figures-title">Over sparsity</h2>
${data.showPaper && figures.length > 0 && paperNote()}
${body}
</section>`;
}

/** Whose the dashed lines are, and what to know before comparing. */
export function paperNote(): Html {
  return html`<p class="aside">Dashed lines with hollow marks are the published values of ${link(paperSource.url, paperSource.title)}. ${paperSource.caveat}</p>`;
}

/** Results of one metric and preset that have a place on the sparsity axis. */
function metricGroups({ levels }: ReportData): LevelResult[][] {
  const groups = new Map<string, LevelResult[]>();
  for (const level of levels) {
    if (level.results[0]!.sample !== 'image' || levelPosition(level) === null) continue;
    const key = JSON.stringify([level.metric, level.preset]);
    groups.set(key, [...(groups.get(key) ?? []), level]);
  }
  const place = (metric: string) =>
    knownMetrics.includes(metric) ? knownMetrics.indexOf(metric) : knownMetrics.length;
  return [...groups.values()].sort((a, b) => place(a[0]!.metric) - place(b[0]!.metric));
}

interface Panel {
  readonly title: string;
  readonly series: readonly Series[];
  readonly levels: readonly LevelResult[];
}

async function sparsityFigure(data: ReportData, group: readonly LevelResult[]): Promise<Html> {
  const { metric, preset } = group[0]!;
  const text = metricText(metric);
  const panels = panelsOf(data, group);
  const all = panels.flatMap(({ series }) => series.flatMap(({ points }) => points));
  const yDomain = paddedDomain(
    all.flatMap(({ low, high }) => [low, high]),
    text.asPercent ? 0.01 : 0.005,
  );
  const xDomain: [number, number] = [
    Math.min(0, ...all.map(({ x }) => x)) - 0.015,
    Math.max(...all.map(({ x }) => x)) + 0.02,
  ];
  const drawn: Html[] = [];
  for (const panel of panels) {
    const drawing = await lineChart({
      label: panelText(panel, text.short),
      series: panel.series,
      x: { title: 'counted sparsity of the kernels', domain: xDomain, format: '.0%' },
      y: { title: text.short, domain: yDomain, format: text.asPercent ? '.0%' : '.2f' },
      points: true,
    });
    drawn.push(
      html`<div class="panel">${panel.title && html`<h4>${panel.title}</h4>`}${drawing}${legend(panel.series)}</div>`,
    );
  }
  const id = `figure-${group.length > 0 ? slug(`${metric}-${preset}`) : ''}`;
  return html`<figure class="plate" id="${id}" aria-labelledby="${id}-title">
<h3 id="${id}-title">${text.title} <code class="preset">${preset}</code></h3>
<div class="panels">${drawn}</div>
<figcaption>${text.meaning} Points are means over ${span(imageRange(group))} images${group.some(({ seeds }) => seeds > 1) ? ' and over seeds; vertical rules span the seeds' : ''}. The vertical axis does not start at zero.</figcaption>
${dataTable(data, group)}
</figure>`;
}

function imageRange(group: readonly LevelResult[]): [number, number] {
  return [Math.min(...group.map(({ n }) => n[0])), Math.max(...group.map(({ n }) => n[1]))];
}

function panelText({ title, series }: Panel, metric: string): string {
  const lines = series.map(({ name, points }) => {
    const [first, last] = [points[0]!, points.at(-1)!];
    return `${name}: ${decimal(first.y)} at ${percent(first.x)}, ${decimal(last.y)} at ${percent(last.x)}`;
  });
  return `${metric} over sparsity${title && `, ${title}`}. ${lines.join('; ')}. All values are in the table below.`;
}

/** One panel per explainer; the paper's line beside the study's where it has one. */
function panelsOf(data: ReportData, group: readonly LevelResult[]): Panel[] {
  const explainers = [...new Set(group.map(({ explainer }) => explainer))];
  return explainers.map((explainer, i) => {
    const levels = group.filter((level) => level.explainer === explainer);
    const lines = [...new Set(levels.map((level) => seriesName(data, level)))];
    const own = lines.map((name, line): Series => {
      const points = levels.filter((level) => seriesName(data, level) === name).map(pointOf);
      const colour = `var(--series-${(i + line) % 6})`;
      return {
        name: lines.length === 1 ? 'this study' : name,
        colour,
        shape: shapes[(i + line) % shapes.length]!,
        dash: null,
        points,
      };
    });
    const paper = data.showPaper ? paperSeries(group[0]!.metric, group[0]!.preset, paperExplainer(explainer)) : [];
    const title = explainer === null ? '' : (data.explainers.get(explainer) ?? explainer);
    return { title, series: [...own, ...paper], levels };
  });
}

function pointOf(level: LevelResult) {
  return { x: levelPosition(level)!, y: level.value, low: level.lowest, high: level.highest };
}

interface PaperLine {
  readonly name: string;
  readonly dash: readonly number[];
  readonly value: (level: PaperLevel) => number;
}

function paperLines(metric: string, preset: string, explainer: PaperExplainer | null): PaperLine[] {
  const published = { name: 'paper, published (by label)', dash: [5, 3] };
  if (metric === 'accuracy') return [{ ...published, value: (level) => level.accuracy }];
  if (explainer === null) return [];
  if (metric === 'sparseness') return [{ ...published, value: (level) => level.sparseness[explainer] }];
  if (metric !== 'road-aopc') return [];
  const printed = { ...published, value: (level: PaperLevel) => level.aopc[explainer] };
  if (preset === 'paper-2025') return [printed];
  const recomputed = {
    name: 'paper, its curves recounted from accuracy 1',
    dash: [1.5, 2.5],
    value: (level: PaperLevel) => level.aopcFromOne[explainer],
  };
  return [printed, recomputed];
}

function paperSeries(metric: string, preset: string, explainer: PaperExplainer | null): Series[] {
  return paperLines(metric, preset, explainer).map(({ name, dash, value }, i) => ({
    name,
    colour: 'var(--paper-line)',
    shape: i === 0 ? 'circle' : 'diamond',
    dash,
    points: paperLevels.map((level) => {
      const y = value(level);
      return { x: level.sparsity, y, low: y, high: y };
    }),
  }));
}

function dataTable(data: ReportData, group: readonly LevelResult[]): Html {
  const { metric, preset } = group[0]!;
  const own = group.map((level) => [
    seriesName(data, level) || 'this study',
    nameOf(level),
    numberText(level, level.value),
    level.standardError === null ? '\u2013' : decimal(level.standardError, 4),
    level.seeds > 1 ? `${numberText(level, level.lowest)} to ${numberText(level, level.highest)}` : 'one seed',
    span(level.n),
    preset,
  ]);
  const explainers = [...new Set(group.map(({ explainer }) => explainer))];
  const published = explainers.flatMap((explainer) =>
    (data.showPaper ? paperSeries(metric, preset, paperExplainer(explainer)) : []).flatMap(({ name, points }) =>
      points.map(({ x, y }) => [
        [name, explainer && (data.explainers.get(explainer) ?? explainer)].filter(Boolean).join(', '),
        `${percent(x)} (label)`,
        numberText({ metric }, y),
        ...['\u2013', 'one seed', '\u2013', 'paper'],
      ]),
    ),
  );
  return foldedTable(`Data: ${metricText(metric).short}, ${preset}`, {
    caption: `${metricText(metric).title} by counted sparsity`,
    head: ['Series', 'Sparsity', 'Mean', 'Standard error over images', 'Range over seeds', 'n', 'Preset'],
    rows: [...own, ...published],
  });
}

/** `text` as an id: letters, digits and hyphens. */
export function slug(text: string): string {
  return text
    .replace(/[^a-zA-Z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .toLowerCase();
}
