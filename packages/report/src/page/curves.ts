import {
  decimal,
  explainerName,
  type Level,
  type LevelResult,
  levelKey,
  levelName,
  levelsOf,
  metricText,
  ordered,
  seriesName,
  significant,
} from '@espalier/analysis';
import { type Html, html } from '@espalier/html';
import { group } from 'd3-array';
import { lineChart } from '../charts/line-chart.ts';
import type { Series } from '../charts/series.ts';
import { slug } from './figures.ts';
import { legend } from './legend.ts';
import { levelColour } from './level-colours.ts';
import { publishedCurves } from './published-lines.ts';
import type { ReportData } from './report-data.ts';
import { foldedTable } from './table.ts';

/** Mean curves by level, one figure per metric, preset and series, published curves beside the study's. */
export async function curvesSection(data: ReportData): Promise<Html> {
  const levels = levelsOf(...data.models, ...data.levels);
  const figures: Html[] = [];
  const controls = new Map<string, Html[]>();
  for (const group of curveGroups(data)) {
    const figure = await curveFigure(data, group, levels);
    const { arm, variant } = group[0]!;
    if (arm === null || String(arm) === data.treatment) figures.push(figure);
    else controls.set(variant, [...(controls.get(variant) ?? []), figure]);
  }
  const folded = [...controls].map(
    ([name, own]) => html`<details class="data"><summary>The same for ${name}</summary>${own}</details>`,
  );
  const absent = html`<p class="absent">No metric of this run has a curve behind its values.</p>`;
  return html`<section id="curves" aria-labelledby="curves-title">
<h2 id="curves-title">Curves</h2>
${figures.length > 0 || folded.length > 0 ? [...figures, ...folded] : absent}
</section>`;
}

type CurveLevel = LevelResult & { readonly curve: NonNullable<LevelResult['curve']> };

function curveGroups(data: ReportData): CurveLevel[][] {
  const withCurve = ordered(data, data.levels).filter((level): level is CurveLevel => level.curve !== null);
  const key = (level: LevelResult) => JSON.stringify([level.metric, level.preset, seriesName(data, level)]);
  return [...group(withCurve, key).values()];
}

async function curveFigure(data: ReportData, group: readonly CurveLevel[], levels: readonly Level[]): Promise<Html> {
  const { metric, preset, explainer } = group[0]!;
  const own = group.map((level) => lineOf(level, levels));
  const isControl = group[0]!.arm !== null && String(group[0]!.arm) !== data.treatment;
  const of = { metric, preset, explainer: explainer === null ? null : explainerName(data, explainer) };
  const published = isControl ? [] : publishedCurves(data.published, of, levels);
  const draw = curvePanel(group[0]!, [...own, ...published.flatMap(({ series }) => series)]);
  const panels = [await draw('This study', own)];
  for (const { title, series } of published) panels.push(await draw(title, series));
  const name = seriesName(data, group[0]!);
  const id = `curve-${slug(`${metric}-${preset}-${name}`)}`;
  const seeds = group.some((level) => level.seeds > 1) ? ' Seeds are averaged.' : '';
  return html`<figure class="plate broad" id="${id}" aria-labelledby="${id}-title">
<h3 id="${id}-title">${metricText(group[0]!).short.replace(' AOPC', '')}${name && `, ${name}`} <code class="preset">${preset}</code></h3>
<div class="panels">${panels}</div>
<figcaption>Each line is the mean over the images of one level of counted sparsity.${seeds}</figcaption>
${curveTable(group, name)}
</figure>`;
}

/** Draws panels on the axes that hold all of `series`. */
function curvePanel(level: CurveLevel, all: readonly Series[]) {
  const { curve } = level;
  const points = all.flatMap((line) => line.points);
  const titles = { x: curve.x, y: curve.y };
  const end = Math.max(...points.map(({ x }) => x));
  const heights = points.map(({ y }) => y);
  return async (title: string, series: readonly Series[]): Promise<Html> => {
    const lines = series.map(
      (line) => `${line.name}: ${decimal(line.points[0]!.y)} to ${decimal(line.points.at(-1)!.y)}`,
    );
    const drawing = await lineChart({
      label: `${title}: ${titles.y} over ${titles.x}. ${lines.join('; ')}. All values are in the table below.`,
      series,
      x: {
        title: titles.x,
        domain: [Math.min(0, ...points.map(({ x }) => x)), end],
        format: end <= 1 ? '.0%' : '~r',
      },
      y: {
        title: titles.y,
        domain: [Math.min(0, ...heights), Math.max(1, ...heights)],
        format: '.1f',
      },
      points: false,
    });
    return html`<div class="panel"><h4>${title}</h4>${drawing}${legend(series, false)}</div>`;
  };
}

function lineOf(level: CurveLevel, levels: readonly Level[]): Series {
  const place = levels.find(({ key }) => key === levelKey(level))!;
  const points = level.curve.at.map((x, i) => ({ x, y: level.curve.mean[i]!, low: 0, high: 0 }));
  return { name: levelName(level), colour: levelColour(place), shape: 'circle', dash: null, points };
}

function curveTable(group: readonly CurveLevel[], name: string): Html {
  const { preset, curve } = group[0]!;
  const rows = group.map((level) => [
    levelName(level),
    ...curve.at.map((at) => {
      const i = level.curve.at.indexOf(at);
      return i < 0 ? '\u2013' : decimal(level.curve.mean[i]!);
    }),
  ]);
  const range = `${significant(curve.at[0]!)} to ${significant(curve.at.at(-1)!)}`;
  return foldedTable(
    `Data: ${[`${metricText(group[0]!).short} curves`, name, preset].filter((part) => part !== '').join(', ')}`,
    {
      caption: `${curve.y} over ${curve.x} (${range}), mean over images, by sparsity`,
      head: ['Sparsity', ...curve.at.map((at) => significant(at))],
      rows,
    },
  );
}
