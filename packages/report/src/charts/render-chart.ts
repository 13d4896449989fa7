import { Html, html } from '@espalier/html';
import type { TopLevelSpec } from 'vega-lite';

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
export async function renderChart(spec: TopLevelSpec, label: string): Promise<Html> {
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
