import { Html, html } from '@espalier/html';
import type { TopLevelSpec } from 'vega-lite';
import type { Series } from './series.ts';

export interface LineChart {
  readonly label: string;
  readonly series: readonly Series[];
  readonly x: { readonly title: string; readonly domain: readonly [number, number]; readonly format: string };
  readonly y: { readonly title: string; readonly domain: readonly [number, number]; readonly format: string };
  /** Positions of the marks on the x axis; chosen by the drawing when absent. */
  readonly ticks?: readonly number[];
  readonly points: boolean;
  /** Whether the range of points is a band along the line; a rule at each point where it is not. */
  readonly bands?: boolean;
  /** For many lines on top of each other. */
  readonly thin?: boolean;
}

/** Lines over a numeric axis, with a rule for each point's range. */
export async function lineChart(chart: LineChart): Promise<Html> {
  const values = chart.series.flatMap((series, line) => series.points.map((point) => ({ ...point, line })));
  const key = chart.series.map((_, line) => line);
  const colour = {
    field: 'line',
    type: 'nominal',
    scale: { domain: key, range: chart.series.map((series) => series.colour) },
    legend: null,
  } as const;
  const x = {
    field: 'x',
    type: 'quantitative',
    title: chart.x.title,
    scale: { domain: [...chart.x.domain], nice: false, zero: false },
    axis: {
      format: chart.x.format,
      tickCount: 6,
      ...(chart.ticks ? { values: [...chart.ticks] } : {}),
      labelOverlap: true,
    },
  } as const;
  const y = {
    field: 'y',
    type: 'quantitative',
    title: chart.y.title,
    scale: { domain: [...chart.y.domain], nice: false, zero: false },
    axis: { format: chart.y.format, tickCount: 5 },
  } as const;
  const spec = {
    data: { values },
    encoding: { x },
    layer: [
      {
        transform: [{ filter: 'datum.high > datum.low' }],
        mark: chart.bands ? { type: 'area', opacity: 0.16 } : { type: 'rule', strokeWidth: 1.5, opacity: 0.6 },
        encoding: {
          ...{ y: { ...y, field: 'low' }, y2: { field: 'high' } },
          ...(chart.bands ? { fill: colour } : { stroke: colour }),
        },
      },
      {
        mark: { type: 'line', strokeWidth: chart.thin ? 1.25 : 2, strokeJoin: 'round' },
        encoding: { y, stroke: colour, strokeDash: dashes(chart, key) },
      },
      ...(chart.points ? [pointLayer(chart, key, y)] : []),
    ],
  };
  return renderChart(spec as TopLevelSpec, chart.label); // built from checked parts; the union type is too wide to infer
}

function dashes(chart: LineChart, key: readonly number[]): object {
  const range = chart.series.map(({ dash }) => dash ?? [1, 0]);
  return { field: 'line', type: 'nominal', scale: { domain: key, range }, legend: null };
}

/** Dashed lines (someone else's numbers) get hollow points. */
function pointLayer({ series }: LineChart, key: readonly number[], y: object): object {
  const by = (range: readonly string[]) => ({
    field: 'line',
    type: 'nominal',
    scale: { domain: key, range: [...range] },
    legend: null,
  });
  return {
    mark: { type: 'point', filled: false, size: 46, opacity: 1, strokeWidth: 1.75 },
    encoding: {
      y,
      fill: by(series.map(({ colour, dash }) => (dash ? 'var(--paper)' : colour))),
      stroke: by(series.map(({ colour }) => colour)),
      shape: by(series.map(({ shape }) => shape)),
    },
  };
}

/** Colours are CSS variables of the page, so that one drawing serves light and dark. */
const config: NonNullable<TopLevelSpec['config']> = {
  aria: false,
  background: 'transparent',
  font: 'inherit',
  view: { stroke: null },
  axis: {
    domainColor: 'var(--rule-strong)',
    tickColor: 'var(--rule-strong)',
    gridColor: 'var(--rule)',
    labelColor: 'var(--ink-soft)',
    titleColor: 'var(--ink-soft)',
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    titlePadding: 8,
    tickSize: 4,
    labelPadding: 4,
    labelFlush: false,
  },
  axisX: { grid: false },
  axisY: { domain: false, ticks: false },
};

/** Size of the drawing with its axes; the page scales it to its column. */
const frame = { width: 380, height: 256, autosize: { type: 'fit', contains: 'padding' } };

/** Draws `spec` as an SVG for the page. `label` says in words what is shown. */
async function renderChart(spec: TopLevelSpec, label: string): Promise<Html> {
  // loaded with the first drawing: a program that only imports this plugin does not wait for them
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  const compiled = compile({ ...spec, ...frame, padding: 3, config } as TopLevelSpec); // a unit or layer spec plus sizes
  const view = new vega.View(vega.parse(compiled.spec), { renderer: 'none', logLevel: vega.Error });
  try {
    // The label stands for all that is drawn: readers of a screen are not read every tick.
    return html`<div class="chart" role="img" aria-label="${label}">${new Html(await view.toSVG())}</div>`;
  } finally {
    view.finalize();
  }
}
