import { levelVariables } from '../parts/level-colours.ts';
import { answerStyles } from './answer.ts';
import { galleryStyles } from './galleries.ts';
import { layoutStyles } from './layout.ts';

/** The page's style sheet for a study of `levelCount` sparsity levels. */
export function styles(levelCount: number): string {
  const light = `${lightTheme}${levelVariables(levelCount, 'light')}`;
  const dark = `${darkTheme}${levelVariables(levelCount, 'dark')}`;
  return `:root{color-scheme:light dark;${light}}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){${dark}}}
:root[data-theme=light]{color-scheme:light}
:root[data-theme=dark]{color-scheme:dark;${dark}}
@media print{:root,:root[data-theme=dark],:root:not([data-theme=light]){color-scheme:light;${light}--paper:#fff;}}
${shades()}
${layoutStyles}
${answerStyles}
${galleryStyles}`;
}

/** Okabe and Ito's colours, darkened where they would be faint on white: apart for every kind of colour vision. */
const lightTheme =
  '--paper:#fcfbf8;--raised:#fff;--ink:#1a1c1f;--ink-soft:#565b63;--rule:#e4e2dc;--rule-strong:#a9a79f;' +
  '--accent:#0b5a8f;--good:#146c43;--bad:#b02a1c;--warn-paper:#fdf0e6;--warn-rule:#c4570f;--published-line:#76777c;' +
  '--series-0:#0067a8;--series-1:#c8510a;--series-2:#00805e;--series-3:#a8518a;--series-4:#8a6a00;--series-5:#3f4aa0;';
const darkTheme =
  '--paper:#141618;--raised:#1c1f22;--ink:#eae8e3;--ink-soft:#a9adb4;--rule:#2e3236;--rule-strong:#5f656c;' +
  '--accent:#7fc0ef;--good:#6fcf9c;--bad:#ff9384;--warn-paper:#2d2016;--warn-rule:#e58a48;--published-line:#9a9da3;' +
  '--series-0:#5bb0ea;--series-1:#f08a4b;--series-2:#3fc79b;--series-3:#dd92c1;--series-4:#d9b53a;--series-5:#9aa4f2;';

/** Bars under the numbers of the layer table, in steps of 5 %. */
function shades(): string {
  return Array.from({ length: 21 }, (_, i) => {
    return `.shade-${i}{background:linear-gradient(to right,var(--series-0) ${5 * i}%,var(--rule) 0) left bottom/100% 3px no-repeat}`;
  }).join('\n');
}
