import { lineChart } from '../charts/line-chart.ts';
import type { Series } from '../charts/series.ts';
import { paperExplainer, paperLevels, paperRemoved } from '../paper.ts';
import type { LevelResult } from '../results/over-seeds.ts';
import { slug } from './figures.ts';
import { decimal, percent, significant } from './format.ts';
import { type Html, html } from './html.ts';
import { legend } from './legend.ts';
import { type Level, levelColour, levelKey, levelsOf, nameOf } from './levels.ts';
import { metricText } from './names.ts';
import { seriesName } from './overview.ts';
import type { ReportData } from './report-data.ts';
import { foldedTable } from './table.ts';

/** Mean curves by level, one figure per metric, preset and series, the paper's curves beside the study's. */
export async function curvesSection(data: ReportData): Promise<Html> {
  const levels = levelsOf(data.models, data.levels);
  const figures: Html[] = [];
  for (const group of curveGroups(data)) figures.push(await curveFigure(data, group, levels));
  const body =
    figures.length > 0 ? figures : html`<p class="absent">No metric of this run has a curve behind its values.</p>`;
  return html`<section id="curves" aria-labelledby="curves-title">
<h2 id="curves-title">Curves</h2>
${body}
</section>`;
}

function curveGroups(data: ReportData): LevelResult[][] {
  const groups = new Map<string, LevelResult[]>();
  for (const level of data.levels) {
    if (!level.curve) continue;
    const key = JSON.stringify([level.metric, level.preset, seriesName(data, level)]);
    groups.set(key, [...(groups.get(key) ?? []), level]);
  }
  return [...groups.values()];
}

async function curveFigure(data: ReportData, group: readonly LevelResult[], levels: readonly Level[]): Promise<Html> {
  const { metric, preset, explainer } = group[0]!;
  const own = group.map((level) => lineOf(level, levels));
  const paper = data.showPaper && metric === 'road-aopc' ? paperCurves(explainer, levels, own) : [];
  const values = [...own, ...paper].flatMap(({ points }) => points.map(({ y }) => y));
  const yDomain: [number, number] = [Math.min(0, ...values), Math.max(1, ...values)];
  const positions = own.flatMap(({ points }) => points.map(({ x }) => x));
  const xDomain: [number, number] = [Math.min(0, ...positions), Math.max(...positions)];
  const xFormat = xDomain[1] <= 1 ? '.0%' : '~g';
  const label = group[0]!.curve!.label;
  const panel = async (title: string, series: readonly Series[]) => {
    const drawing = await lineChart({
      label: `${title}: ${label} from ${percent(xDomain[0])}. ${series.map(curveText).join('; ')}. All values are in the table below.`,
      series,
      x: { title: label, domain: xDomain, format: xFormat },
      y: { title: 'mean over images', domain: yDomain, format: '.1f' },
      points: false,
    });
    return html`<div class="panel"><h4>${title}</h4>${drawing}${legend(series, false)}</div>`;
  };
  const panels = [await panel('This study', own)];
  if (paper.length > 0) panels.push(await panel('The paper, published (by label)', paper));
  const name = seriesName(data, group[0]!);
  const id = `curve-${slug(`${metric}-${preset}-${name}`)}`;
  return html`<figure class="plate" id="${id}" aria-labelledby="${id}-title">
<h3 id="${id}-title">${metricText(metric).short} curves${name && `, ${name}`} <code class="preset">${preset}</code></h3>
<div class="panels">${panels}</div>
<figcaption>Each line is the mean over the images of one sparsity level, dark to bright from dense to sparse. ${group.some(({ seeds }) => seeds > 1) ? 'Seeds are averaged.' : ''}</figcaption>
${curveTable(group)}
</figure>`;
}

function lineOf(level: LevelResult, levels: readonly Level[]): Series {
  const place = levels.find(({ key }) => key === levelKey(level))!;
  const points = level.curve!.at.map((x, i) => ({ x, y: level.curve!.mean[i]!, low: 0, high: 0 }));
  return { name: nameOf(level), colour: levelColour(place), shape: 'circle', dash: null, points };
}

/** The paper's curves in the colours of the study's levels of the same label; in percent where the study counts so. */
function paperCurves(explainer: string | null, levels: readonly Level[], own: readonly Series[]): Series[] {
  const which = paperExplainer(explainer);
  if (!which) return [];
  const scale = Math.max(...own.flatMap(({ points }) => points.map(({ x }) => x))) > 1 ? 100 : 1;
  return paperLevels.map(({ sparsity, curve }) => {
    const place = levels.find(({ nominal }) => nominal === sparsity);
    const points = paperRemoved.map((x, i) => ({ x: x * scale, y: curve[which][i]!, low: 0, high: 0 }));
    const colour = place ? levelColour(place) : 'var(--paper-line)';
    return { name: percent(sparsity), colour, shape: 'circle', dash: [5, 3], points };
  });
}

function curveText({ name, points }: Series): string {
  return `${name}: ${decimal(points[0]!.y)} to ${decimal(points.at(-1)!.y)}`;
}

function curveTable(group: readonly LevelResult[]): Html {
  const positions = group[0]!.curve!.at;
  const rows = group.map(({ curve, ...level }) => [
    nameOf(level),
    ...positions.map((at) => {
      const i = curve!.at.indexOf(at);
      return i < 0 ? '\u2013' : decimal(curve!.mean[i]!);
    }),
  ]);
  const { metric, preset } = group[0]!;
  return foldedTable(`Data: ${metricText(metric).short} curves, ${preset}`, {
    caption: `Mean over images at each ${group[0]!.curve!.label}`,
    head: ['Sparsity', ...positions.map((at) => significant(at))],
    rows,
  });
}
