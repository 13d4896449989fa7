import {
  aspectTitle,
  explainerName,
  isShare,
  type LevelResult,
  levelName,
  levelPosition,
  percent,
  type ScoreSeries,
  seriesOf,
  sizeText,
  span,
  valueText,
  type Worded,
} from '@espalier/analysis';
import { foldedTable, type Html, html } from '@espalier/html';
import { extent, group } from 'd3-array';
import { lineChart } from '../../charts/line-chart.ts';
import { paddedDomain, type Series, shapes, tickFormat } from '../../charts/series.ts';
import type { PageData } from '../page-data.ts';
import { legend } from '../parts/legend.ts';
import { type PublishedLine, publishedLines, publishedNote } from '../parts/published-lines.ts';
import { samplesText } from '../parts/samples-text.ts';
import { absent, section } from '../parts/section.ts';

/** Every score over counted sparsity, one figure per metric and preset, by aspect. */
export async function figuresSection(data: PageData): Promise<Html> {
  const placed = data.levels.filter((level) => levelPosition(level) !== null && !level.results[0]!.difference);
  const aspects: Html[] = [];
  for (const [aspect, series] of group(seriesOf(data, placed), ({ score }) => score.aspect)) {
    aspects.push(await aspectFigures(data, aspect, series));
  }
  const nothing = absent('Nothing was measured at a known sparsity, so there is nothing to draw over it.');
  const content = aspects.length > 0 ? [publishedNote(data.published), aspects] : nothing;
  return section('figures', 'Over sparsity', content);
}

async function aspectFigures(data: PageData, aspect: string, series: readonly ScoreSeries[]): Promise<Html> {
  const [asked, beside]: [Html[], Html[]] = [[], []];
  for (const own of group(series, ({ score }) => JSON.stringify([score.metric, score.preset])).values()) {
    const figures = own[0]!.score.role === 'companion' ? beside : asked;
    figures.push(await sparsityFigure(data, own));
  }
  return html`<h3>${aspectTitle(aspect)}</h3>
${asked.length > 0 && html`<div class="plates">${asked}</div>`}
${beside.length > 0 && html`<details class="data"><summary>Read beside</summary><div class="plates">${beside}</div></details>`}`;
}

interface Panel {
  readonly title: string;
  readonly series: readonly Series[];
}

/** The figure of one metric and preset. */
async function sparsityFigure(data: PageData, all: readonly ScoreSeries[]): Promise<Html> {
  const { score } = all[0]!;
  const { metric, preset, words } = score;
  const panels = panelsOf(data, all);
  const drawn = await drawPanels(panels, score);
  const id = `figure-${slug(`${metric}-${preset}`)}`;
  return html`<figure class="plate${panels.length > 1 && ' broad'}" id="${id}" aria-labelledby="${id}-title">
<h4 id="${id}-title">${words.name} <code class="preset">${preset}</code></h4>
<div class="panels">${drawn}</div>
<figcaption>${words.meaning} ${caption(all.flatMap(({ levels }) => levels))}</figcaption>
${dataTable(data, all)}
</figure>`;
}

function caption(levels: readonly LevelResult[]): string {
  const { direction, sample, summary } = levels[0]!.results[0]!;
  const better = direction === 'neither' ? '' : `${direction === 'higher-is-better' ? 'Higher' : 'Lower'} is better. `;
  const count = span([Math.min(...levels.map(({ n }) => n[0])), Math.max(...levels.map(({ n }) => n[1]))]);
  const points =
    summary === 'last'
      ? 'Each point is one number of a model'
      : `Points are means over ${count} ${samplesText(sample)}`;
  const seeds = levels.some((level) => level.seeds > 1) ? ' and over seeds; vertical rules span the seeds' : '';
  const matched = levels.some(({ isMatched }) => isMatched)
    ? ' Models that were not pruned stand beside the level they are matched to.'
    : '';
  return `${better}${points}${seeds}. The vertical axis does not start at zero.${matched}`;
}

/** All panels of a figure on the same axes. */
async function drawPanels(panels: readonly Panel[], score: Worded): Promise<Html[]> {
  const points = panels.flatMap(({ series }) => series.flatMap((line) => line.points));
  const [left = 0, right = 0] = extent(points, ({ x }) => x);
  const domain = paddedDomain(
    points.flatMap(({ low, high }) => [low, high]),
    isShare(score) ? 0.01 : 0.005,
  );
  const { name, unit } = score.words;
  const drawn: Html[] = [];
  for (const panel of panels) {
    const drawing = await lineChart({
      label: panelText(panel, score),
      series: panel.series,
      x: { title: 'counted sparsity of the kernels', domain: [Math.min(0, left) - 0.015, right + 0.02], format: '.0%' },
      y: {
        title: unit && !isShare(score) ? `${name}, ${unit}` : name,
        domain,
        format: tickFormat(domain, isShare(score)),
      },
      points: true,
    });
    const heading = panel.title && html`<h5>${panel.title}</h5>`;
    drawn.push(html`<div class="panel">${heading}${drawing}${legend(panel.series)}</div>`);
  }
  return drawn;
}

function panelText({ title, series }: Panel, score: Worded): string {
  const lines = series.map(({ name, points }) => {
    const [first, last] = [points[0]!, points.at(-1)!];
    return `${name}: ${valueText(score, first.y)} at ${percent(first.x)}, ${valueText(score, last.y)} at ${percent(last.x)}`;
  });
  return `${score.words.name} over sparsity${title && `, ${title}`}. ${lines.join('; ')}. All values are in the table below.`;
}

/** One panel per explainer; published lines beside the study's. */
function panelsOf(data: PageData, all: readonly ScoreSeries[]): Panel[] {
  const order = [...data.explainers.keys()];
  return [...group(all, ({ score }) => score.explainer)].map(([explainer, own]) => {
    // One line has its explainer's colour; several, such as arms, have the same colours in every panel.
    const place = own.length > 1 ? 0 : Math.max(0, order.indexOf(explainer ?? ''));
    const lines = own.map(({ name, levels }, i): Series => {
      const colour = `var(--series-${(place + i) % shapes.length})`;
      const shape = shapes[(place + i) % shapes.length]!;
      const points = levels.map((level) => {
        return { x: levelPosition(level)!, y: level.value, low: level.lowest, high: level.highest };
      });
      return { name: own.length === 1 ? 'this study' : name, colour, shape, dash: null, points };
    });
    return { title: explainerName(data, explainer), series: [...lines, ...publishedBeside(data, own[0]!)] };
  });
}

function publishedBeside(data: PageData, { score }: ScoreSeries): readonly PublishedLine[] {
  const explainer = score.explainer === null ? null : explainerName(data, score.explainer);
  return publishedLines(data.published, { metric: score.metric, preset: score.preset, explainer });
}

function dataTable(data: PageData, all: readonly ScoreSeries[]): Html {
  const { score } = all[0]!;
  const { preset, words } = score;
  const text = (value: number) => valueText(score, value);
  const own = all.flatMap(({ name, levels }) =>
    levels.map((level) => [
      name || 'this study',
      levelName(level),
      text(level.value),
      level.standardError === null ? '\u2013' : sizeText(score, level.standardError),
      level.seeds > 1 ? `${text(level.lowest)} to ${text(level.highest)}` : 'one seed',
      span(level.n),
      preset,
    ]),
  );
  const published = [...group(all, ({ score: { explainer } }) => explainer)].flatMap(([explainer, [first]]) =>
    publishedBeside(data, first!).flatMap(({ name, publication, levelText, points }) =>
      points.map(({ x, y }) => {
        const series = [name, explainerName(data, explainer)].filter((part) => part !== '').join(', ');
        return [series, levelText(x), text(y), '\u2013', '\u2013', '\u2013', publication];
      }),
    ),
  );
  return foldedTable(`Data: ${words.name}, ${preset}`, {
    caption: `${words.name} by counted sparsity`,
    head: ['Series', 'Sparsity', 'Mean', 'Standard error over samples', 'Range over seeds', 'n', 'Preset'],
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
