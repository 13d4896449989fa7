import {
  decimal,
  explainerName,
  type Level,
  type LevelResult,
  levelKey,
  levelName,
  levelsOf,
  type ScoreSeries,
  seriesOf,
  significant,
} from '@espalier/analysis';
import { foldedTable, type Html, html } from '@espalier/html';
import { extent } from 'd3-array';
import { lineChart } from '../../charts/line-chart.ts';
import type { Series } from '../../charts/series.ts';
import { controlsApart, type PageData } from '../page-data.ts';
import { legend } from '../parts/legend.ts';
import { levelColour } from '../parts/level-colours.ts';
import { publishedCurves } from '../parts/published-lines.ts';
import { absent, section } from '../parts/section.ts';
import { slug } from './figures.ts';

/** Mean curves by level, one figure per series, published curves beside the study's. */
export async function curvesSection(data: PageData): Promise<Html> {
  const levels = levelsOf(...data.models, ...data.levels);
  const { own, controls } = controlsApart(data, seriesOf(data, data.levels.filter(hasCurve)) as readonly CurveSeries[]); // filtered so
  const drawn = async (series: readonly CurveSeries[]) => {
    const figures: Html[] = [];
    for (const one of series) figures.push(await curveFigure(data, one, levels));
    return figures;
  };
  const figures = await drawn(own);
  for (const [name, series] of controls)
    figures.push(html`<details class="data"><summary>The same for ${name}</summary>${await drawn(series)}</details>`);
  const nothing = absent('No metric of this run has a curve behind its values.');
  return section('curves', 'Curves', figures.length > 0 ? figures : nothing);
}

type Curve = NonNullable<LevelResult['curve']>;

type CurveLevel = LevelResult & { readonly curve: Curve };

interface CurveSeries extends ScoreSeries {
  readonly levels: readonly CurveLevel[];
}

function hasCurve(level: LevelResult): level is CurveLevel {
  return level.curve !== null;
}

async function curveFigure(data: PageData, series: CurveSeries, levels: readonly Level[]): Promise<Html> {
  const { name, score } = series;
  const { metric, preset, words } = score;
  const own = series.levels.map((level) => lineOf(level, levels));
  const explainer = score.explainer === null ? null : explainerName(data, score.explainer);
  const isControl = score.arm !== null && String(score.arm) !== data.treatment;
  const published = isControl ? [] : publishedCurves(data.published, { metric, preset, explainer }, levels);
  const draw = curvePanel(series.levels[0]!.curve, [...own, ...published.flatMap((panel) => panel.series)]);
  const panels = [await draw(published.length > 0 ? 'This study' : '', own)];
  for (const panel of published) panels.push(await draw(panel.title, panel.series));
  const id = `curve-${slug(`${metric}-${preset}-${name}`)}`;
  const overSeeds = series.levels.some((level) => level.seeds > 1);
  const seeds = overSeeds
    ? ' Seeds are averaged; bands are 95\u202f% intervals over seeds'
    : ' Bands are 95\u202f% intervals over samples';
  return html`<figure class="plate broad" id="${id}" aria-labelledby="${id}-title">
<h3 id="${id}-title">${words.name}${name && `, ${name}`} <code class="preset">${preset}</code></h3>
<div class="panels">${panels}</div>
<figcaption>Each line is the mean over the samples of one level of counted sparsity.${seeds}, of each position by itself.</figcaption>
${curveTable(series)}
</figure>`;
}

/** Draws panels on the axes that hold all of `series`. */
function curvePanel(titles: Pick<Curve, 'x' | 'y'>, all: readonly Series[]) {
  const points = all.flatMap((line) => line.points);
  const [start = 0, end = 1] = extent(points, ({ x }) => x);
  const [lowest = 0, highest = 1] = extent(points.flatMap(({ y, low, high }) => [y, low, high]));
  return async (title: string, series: readonly Series[]): Promise<Html> => {
    const lines = series.map(
      (line) => `${line.name}: ${decimal(line.points[0]!.y)} to ${decimal(line.points.at(-1)!.y)}`,
    );
    const drawing = await lineChart({
      label: `${title && `${title}: `}${titles.y} over ${titles.x}. ${lines.join('; ')}. All values are in the table below.`,
      series,
      x: { title: titles.x, domain: [Math.min(0, start), end], format: end <= 1 ? '.0%' : '~r' },
      y: { title: titles.y, domain: [Math.min(0, lowest), Math.max(1, highest)], format: '.1f' },
      points: false,
      bands: true,
    });
    return html`<div class="panel">${title && html`<h4>${title}</h4>`}${drawing}${legend(series, false)}</div>`;
  };
}

function lineOf(level: CurveLevel, levels: readonly Level[]): Series {
  const place = levels.find(({ key }) => key === levelKey(level))!;
  return {
    name: levelName(level),
    colour: levelColour(place),
    shape: 'circle',
    dash: null,
    points: level.curve.at.map((x, i) => {
      const [y, half] = [level.curve.mean[i]!, level.curve.half[i] ?? 0];
      return { x, y, low: y - half, high: y + half };
    }),
  };
}

function curveTable({ name, levels, score: { words, preset } }: CurveSeries): Html {
  const { at, x, y } = levels[0]!.curve;
  const rows = levels.map((level) => [
    levelName(level),
    ...at.map((position) => {
      const i = level.curve.at.indexOf(position);
      return i < 0 ? '\u2013' : withHalf(level.curve.mean[i]!, level.curve.half[i]!);
    }),
  ]);
  const title = [`${words.name}: curves`, name, preset].filter((part) => part !== '').join(', ');
  return foldedTable(`Data: ${title}`, {
    caption: `Mean ${y} over ${x} (${significant(at[0]!)} to ${significant(at.at(-1)!)}), by sparsity`,
    head: ['Sparsity', ...at.map((position) => significant(position))],
    rows,
  });
}

/** `0.512 ± 0.031` */
function withHalf(mean: number, half: number | null): string {
  return half === null ? decimal(mean) : `${decimal(mean)} \u00b1 ${decimal(half)}`;
}
