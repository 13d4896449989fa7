import {
  decimal,
  explainerName,
  imageLevels,
  type LevelResult,
  levelName,
  levelPosition,
  metricText,
  type Named,
  numberText,
  ordered,
  percent,
  seriesName,
  span,
} from '@espalier/analysis';
import { type Html, html } from '@espalier/html';
import { group } from 'd3-array';
import { lineChart } from '../charts/line-chart.ts';
import { type Point, paddedDomain, type Series, shapes, tickFormat } from '../charts/series.ts';
import { legend } from './legend.ts';
import { omittedTable } from './omitted.ts';
import { type PublishedLine, publishedLines, publishedNote } from './published-lines.ts';
import type { ReportData } from './report-data.ts';
import { foldedTable } from './table.ts';

/** Every metric of images over counted sparsity, one figure per metric and preset. */
export async function figuresSection(data: ReportData): Promise<Html> {
  const figures: Html[] = [];
  for (const group of metricGroups(data)) figures.push(await sparsityFigure(data, group));
  const absent = 'No metric was measured on images at a known sparsity, so there is nothing to draw over it.';
  return html`<section id="figures" aria-labelledby="figures-title">
<h2 id="figures-title">Over sparsity</h2>
${figures.length > 0 && publishedNote(data.published)}
${figures.length > 0 ? html`<div class="plates">${figures}</div>` : html`<p class="absent">${absent}</p>`}
${omittedTable(data)}
</section>`;
}

/** Results of one metric and preset that have a place on the sparsity axis. */
function metricGroups(data: ReportData): LevelResult[][] {
  const placed = imageLevels(data).filter((level) => levelPosition(level) !== null);
  const key = ({ metric, preset }: LevelResult) => JSON.stringify([metric, preset]);
  return [...group(ordered(data, placed), key).values()];
}

interface Panel {
  readonly title: string;
  readonly series: readonly Series[];
}

async function sparsityFigure(data: ReportData, group: readonly LevelResult[]): Promise<Html> {
  const { metric, preset } = group[0]!;
  const { title, meaning } = metricText(group[0]!);
  const panels = panelsOf(data, group);
  const drawn = await drawPanels(panels, group[0]!);
  const id = `figure-${slug(`${metric}-${preset}`)}`;
  const seeds = group.some((level) => level.seeds > 1) ? ' and over seeds; vertical rules span the seeds' : '';
  const images = span([Math.min(...group.map(({ n }) => n[0])), Math.max(...group.map(({ n }) => n[1]))]);
  return html`<figure class="plate${panels.length > 1 && ' broad'}" id="${id}" aria-labelledby="${id}-title">
<h3 id="${id}-title">${title} <code class="preset">${preset}</code></h3>
<div class="panels">${drawn}</div>
<figcaption>${meaning} Points are means over ${images} images${seeds}. The vertical axis does not start at zero.${group.some(({ isMatched }) => isMatched) && ' Models that were not pruned stand beside the level they are matched to.'}</figcaption>
${dataTable(data, group)}
</figure>`;
}

/** All panels of a figure on the same axes. */
async function drawPanels(panels: readonly Panel[], score: Named): Promise<Html[]> {
  const { short, asPercent } = metricText(score);
  const points = panels.flatMap(({ series }) => series.flatMap((line) => line.points));
  const places = points.map(({ x }) => x);
  const domain = paddedDomain(
    points.flatMap(({ low, high }) => [low, high]),
    asPercent ? 0.01 : 0.005,
  );
  const drawn: Html[] = [];
  for (const panel of panels) {
    const drawing = await lineChart({
      label: panelText(panel, score),
      series: panel.series,
      x: {
        title: 'counted sparsity of the kernels',
        domain: [Math.min(0, ...places) - 0.015, Math.max(...places) + 0.02],
        format: '.0%',
      },
      y: { title: short, domain, format: tickFormat(domain, asPercent) },
      points: true,
    });
    const heading = panel.title && html`<h4>${panel.title}</h4>`;
    drawn.push(html`<div class="panel">${heading}${drawing}${legend(panel.series)}</div>`);
  }
  return drawn;
}

function panelText({ title, series }: Panel, score: Named): string {
  const lines = series.map(({ name, points }) => {
    const [first, last] = [points[0]!, points.at(-1)!];
    return `${name}: ${numberText(score, first.y)} at ${percent(first.x)}, ${numberText(score, last.y)} at ${percent(last.x)}`;
  });
  return `${metricText(score).short} over sparsity${title && `, ${title}`}. ${lines.join('; ')}. All values are in the table below.`;
}

/** One panel per explainer; published lines beside the study's where there are any. */
function panelsOf(data: ReportData, all: readonly LevelResult[]): Panel[] {
  const order = [...data.explainers.keys()];
  return [...group(all, ({ explainer }) => explainer)].map(([explainer, levels]) => {
    const lines = [...group(levels, (level) => seriesName(data, level))];
    // One line has its explainer's colour; several, such as arms, have the same colours in every panel.
    const place = lines.length > 1 ? 0 : Math.max(0, order.indexOf(explainer ?? ''));
    const own = lines.map(([name, line], i): Series => {
      const colour = `var(--series-${(place + i) % shapes.length})`;
      const shape = shapes[(place + i) % shapes.length]!;
      return { name: lines.length === 1 ? 'this study' : name, colour, shape, dash: null, points: line.map(pointOf) };
    });
    return { title: explainerName(data, explainer), series: [...own, ...publishedBeside(data, levels[0]!)] };
  });
}

function publishedBeside(data: ReportData, { metric, preset, explainer }: LevelResult): readonly PublishedLine[] {
  const name = explainer === null ? null : explainerName(data, explainer);
  return publishedLines(data.published, { metric, preset, explainer: name });
}

function pointOf(level: LevelResult): Point {
  return { x: levelPosition(level)!, y: level.value, low: level.lowest, high: level.highest };
}

function dataTable(data: ReportData, levels: readonly LevelResult[]): Html {
  const { preset } = levels[0]!;
  const text = (value: number) => numberText(levels[0]!, value);
  const own = levels.map((level) => [
    seriesName(data, level) || 'this study',
    levelName(level),
    text(level.value),
    level.standardError === null ? '\u2013' : decimal(level.standardError, 4),
    level.seeds > 1 ? `${text(level.lowest)} to ${text(level.highest)}` : 'one seed',
    span(level.n),
    preset,
  ]);
  const published = [...new Map(levels.map((level) => [level.explainer, level])).values()].flatMap((level) =>
    publishedBeside(data, level).flatMap(({ name, publication, levelText, points }) =>
      points.map(({ x, y }) => {
        const series = [name, explainerName(data, level.explainer)].filter((part) => part !== '').join(', ');
        return [series, levelText(x), text(y), '\u2013', '\u2013', '\u2013', publication];
      }),
    ),
  );
  return foldedTable(`Data: ${metricText(levels[0]!).short}, ${preset}`, {
    caption: `${metricText(levels[0]!).title} by counted sparsity`,
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
