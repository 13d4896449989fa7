import { Html, html } from '@espalier/html';
import type { Series } from '../../charts/series.ts';
import { blueWhiteRed, colourAt, inferno } from '../../gallery/colour-maps.ts';

const marks: Readonly<Record<Series['shape'], string>> = {
  circle: '<circle cx="14" cy="7" r="4"/>',
  square: '<rect x="10.5" y="3.5" width="7" height="7"/>',
  'triangle-up': '<path d="M14 2.5 18.5 10.5H9.5Z"/>',
  'triangle-down': '<path d="M14 11.5 9.5 3.5h9Z"/>',
  diamond: '<path d="M14 2 18.5 7 14 12 9.5 7Z"/>',
  cross: '<path d="M12.5 2.5h3v3h3v3h-3v3h-3v-3h-3v-3h3Z"/>',
};

/** The lines of a chart with their names, drawn as in the chart. */
export function legend(series: readonly Pick<Series, 'name' | 'colour' | 'shape' | 'dash'>[], points = true): Html {
  const items = series.map((line) => html`<li>${swatch(line, points)}<span>${line.name}</span></li>`);
  return html`<ul class="legend">${items}</ul>`;
}

function swatch({ colour, shape, dash }: Pick<Series, 'colour' | 'shape' | 'dash'>, points: boolean): Html {
  const dashes = dash ? ` stroke-dasharray="${dash.join(' ')}"` : '';
  const fill = dash ? 'var(--paper)' : colour;
  const mark = points ? `<g fill="${fill}" stroke-width="1.75">${marks[shape]}</g>` : '';
  return new Html(
    `<svg viewBox="0 0 28 14" width="28" height="14" aria-hidden="true" fill="none" stroke="${colour}">` +
      `<path d="M0 7H28" stroke-width="2"${dashes}/>${mark}</svg>`,
  );
}

const bars = {
  signed: { map: blueWhiteRed, ends: ['against the class', 'zero', 'for the class'], name: 'Signed' },
  difference: { map: blueWhiteRed, ends: ['less', 'as dense', 'more'], name: 'Minus dense' },
  magnitude: { map: inferno, ends: ['zero', '', 'strong'], name: 'Absolute' },
} as const;

/** The colour bar of a kind of maps, with words at its ends. */
export function paintLegend(kind: keyof typeof bars): Html {
  const { map, ends, name } = bars[kind];
  const stops = Array.from(
    { length: 17 },
    (_, i) => `<stop offset="${i / 16}" stop-color="${colourAt(map, i / 16)}"/>`,
  );
  return new Html(`<div class="scale"><b>${name}</b><svg viewBox="0 0 160 10" preserveAspectRatio="none" aria-hidden="true">
<linearGradient id="scale-${kind}">${stops.join('')}</linearGradient><rect width="160" height="10" fill="url(#scale-${kind})"/></svg>
<div class="ends">${ends.map((end) => `<span>${end}</span>`).join('')}</div></div>`);
}
