import { Html } from '@espalier/html';
import { blueWhiteRed, colourAt, inferno } from '../../gallery/colour-maps.ts';

const bars = {
  signed: { map: blueWhiteRed, ends: ['against the class', 'zero', 'for the class'], name: 'Signed' },
  magnitude: { map: inferno, ends: ['zero', '', 'strong'], name: 'Absolute' },
} as const;

/** The colour bar of signed or absolute maps, with words at its ends. */
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
