import {
  type MeasurePairing,
  percent,
  type RecordedLevel,
  type RecordedSeries,
  significant,
  sizeText,
  valueText,
  type Worded,
} from '@espalier/analysis';
import { foldedTable, type Html, html } from '@espalier/html';
import type { Comparison } from './comparison.ts';
import { type DrawnLine, domainOf, lineChart, type Side, swatch } from './drawing.ts';
import { innerCurves } from './inner-curves.ts';
import { explainerIn, worded } from './words.ts';

type Arm = MeasurePairing['arms'][number];

// More than this is not looked at, and may be no study's.
const mostMeasures = 200;

/** Every measure over sparsity: those that were asked about first, the others folded away. */
export function curvesSection(comparison: Comparison): Html {
  const measures = comparison.measures.slice(0, mostMeasures);
  const left = comparison.measures.length - measures.length;
  const figures = (asked: boolean) =>
    measures.filter(({ isAsked }) => isAsked === asked).map((measure) => measureFigure(comparison, measure));
  const [asked, others] = [figures(true), figures(false)];
  if (measures.length === 0) return html`<p class="absent">Neither has a measure at a known sparsity.</p>`;
  return html`<ul class="legend"><li>${swatch('a')}A</li><li>${swatch('b')}B, dashed</li></ul>
<p class="aside">Means over sparsity, on axes that both share; bands, or rules, are 95\u202f% intervals of each mean by itself: over the seeds where there are several, else over the samples. The vertical axes do not start at zero.</p>
${asked}
${others.length > 0 && html`<details class="data"><summary>${others.length} other measures</summary>${others}</details>`}
${left > 0 && html`<p class="aside">${left} more measures are not drawn.</p>`}`;
}

function measureFigure(comparison: Comparison, measure: MeasurePairing): Html {
  const { name, explainer, definition, unit, arms } = measure;
  const title = [name, explainerIn(comparison, explainer), definition].filter(Boolean).join(', ');
  const score = worded({ name, unit });
  const points = arms.flatMap((arm) => linesOf(arm).flatMap((line) => line.points));
  const x = domainOf([0, ...points.map((point) => point.x)], 0.03);
  const y = domainOf(points.flatMap(({ y: at, half }) => [at - (half ?? 0), at + (half ?? 0)]));
  const panels = arms.map((arm) => {
    const lines = linesOf(arm);
    const chart = lineChart({
      label: `${title}${armTitle(arm) && `, ${armTitle(arm)}`}. ${lines.map((line) => lineText(line, score)).join('; ')}. All values are in the table below.`,
      lines,
      x: { title: 'sparsity', domain: x, format: (tick) => percent(tick) },
      y: { title, domain: y, format: (tick) => tickText(score, tick) },
      marks: true,
    });
    return html`<div class="panel">${armTitle(arm) && html`<h4>${armTitle(arm)}</h4>`}${chart}</div>`;
  });
  return html`<figure><h3>${title}</h3><div class="panels">${panels}</div>${dataTable(title, arms, score)}${innerCurves(title, arms)}</figure>`;
}

function linesOf(arm: Arm): readonly DrawnLine[] {
  return (['a', 'b'] as const).flatMap((side) => {
    const series = arm[side];
    if (!series) return [];
    return [{ side, points: series.levels.map((level) => ({ x: placeOf(level), y: level.mean, half: level.half })) }];
  });
}

/** Series hold only levels that have a place. */
function placeOf({ sparsity }: RecordedLevel): number {
  return sparsity.position ?? 0;
}

/** The arm, and what else tells the two apart. */
export function armTitle({ a, b }: Arm): string {
  const { variant } = (a ?? b)!;
  if (!a || !b) return [variant, `only ${a ? 'A' : 'B'}`].filter((part) => part !== '').join(', ');
  const presets = a.preset === b.preset ? '' : `A ${a.preset}, B ${b.preset}`;
  return [variant, presets].filter((part) => part !== '').join(': ');
}

function lineText({ side, points }: DrawnLine, score: Worded): string {
  const at = ({ x, y }: DrawnLine['points'][number]) => `${valueText(score, y)} at ${percent(x)}`;
  const ends = [...new Set([points[0]!, points.at(-1)!])];
  return `${side.toUpperCase()} ${ends.map(at).join(', ')}`;
}

function tickText(score: Worded, tick: number): string {
  return score.words.unit === '%' ? percent(tick) : significant(tick);
}

function dataTable(title: string, arms: MeasurePairing['arms'], score: Worded): Html {
  const rows = arms.flatMap((arm) => {
    const places = [arm.a, arm.b].flatMap((series) => series?.levels.map(placeOf) ?? []);
    const distinct = [...new Set(places)].sort((x, y) => x - y);
    return distinct.map((place) => [
      armTitle(arm) || '\u2013',
      percent(place),
      ...(['a', 'b'] satisfies Side[]).map((side) => cellOf(arm[side], place, score)),
    ]);
  });
  return foldedTable('Data', {
    caption: `${title}: mean \u00b1 half of its 95\u202f% interval`,
    head: ['Models', 'Sparsity', 'A', 'B'],
    rows,
  });
}

function cellOf(series: RecordedSeries | null, place: number, score: Worded): string {
  const level = series?.levels.find((one) => placeOf(one) === place);
  if (!level) return '\u2013';
  const { mean, half } = level;
  return `${valueText(score, mean)}${half === null ? '' : ` \u00b1 ${sizeText(score, half)}`}`;
}
