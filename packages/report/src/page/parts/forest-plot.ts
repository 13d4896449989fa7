import {
  type Answer,
  type Claim,
  differenceText,
  intervalText,
  type Level,
  type Measure,
  placeText,
  plainSize,
  sizeEitherWay,
} from '@espalier/analysis';
import { Html, html } from '@espalier/html';
import { interpolateNumber } from 'd3-interpolate';
import { levelColour } from './level-colours.ts';

const width = 320;
const lineHeight = 11;
/** Controls and dense stand close below the level that they belong to. */
const besideHeight = 5;

/**
 * One row for each measure: a mark for each level with its interval, the margin of equivalence as a band, and what the same models
 * differ by from further controls and from dense in grey. Each row has the scale of its own unit, with zero in the middle.
 */
export function forestPlot(answer: Answer, measures: readonly Measure[], levels: readonly Level[]): Html {
  const rows = measures.map((measure) => {
    const text = measure.main!.levels.map(claimText).join('; ');
    return html`<li><span class="of">${answer.nameOf(measure)}</span>${drawing(measure, levels, `${answer.nameOf(measure)}: ${text}`)}<span class="span">${scaleText(measure)}</span></li>`;
  });
  return html`<ul class="forest">${rows}</ul>`;
}

function claimText(claim: Claim): string {
  const { question, comparison, interval, verdict } = claim;
  const range = interval ? ` (${intervalText(question, interval)})` : '';
  return `${placeText(claim)}: ${differenceText(question, comparison.difference, interval)}${range}, ${verdict}`;
}

/** Half of the axis: as far as an interval of the study's own question reaches, and no less than the margin. */
function halfOf({ main }: Measure): number {
  const own = [...(main!.trend ? [main!.trend] : []), ...main!.levels];
  const ends = own.flatMap(({ interval, comparison, margin }) => [
    ...(interval ?? [comparison.difference]).map(Math.abs),
    1.25 * (margin ?? 0),
  ]);
  return Math.max(...ends.filter(Number.isFinite), 0) || 1;
}

function scaleText(measure: Measure): string {
  const { question, margin } = measure.main!.levels[0]!;
  const within = margin === null ? '' : `, margin ${sizeEitherWay(question, margin)}`;
  return `axis \u00b1${plainSize(question, halfOf(measure))}${within}`;
}

function drawing(measure: Measure, levels: readonly Level[], label: string): Html {
  const half = halfOf(measure);
  const across = interpolateNumber(6, width - 6);
  const x = (value: number) => across(Math.min(1, Math.max(0, (value + half) / (2 * half))));
  const { main, others } = measure;
  let y = 0;
  const marks: string[] = [];
  for (const claim of [...(main!.trend ? [main!.trend] : []), ...main!.levels]) {
    y += lineHeight;
    const place = levels.find(({ nominal }) => nominal === claim.question.level);
    const colour = claim.place.kind === 'trend' ? 'var(--ink)' : place ? levelColour(place) : 'var(--ink)';
    marks.push(mark(claim, x, { y: y - 4, colour, radius: claim.place.kind === 'trend' ? 0 : 3 }));
    if (claim.place.kind === 'trend') continue;
    const beside = [...others.values()].flatMap(({ levels: own }) =>
      own.filter(({ question }) => question.level === claim.question.level),
    );
    for (const other of beside) {
      marks.push(mark(other, x, { y, colour: 'var(--rule-strong)', radius: 1.5 }));
      y += besideHeight;
    }
  }
  const height = y + 4;
  const { margin } = main!.levels[0]!;
  const band =
    margin === null
      ? ''
      : `<rect class="margin" x="${x(-margin)}" width="${x(margin) - x(-margin)}" y="0" height="${height}"/>`;
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${new Html(`${band}<path class="zero" d="M${x(0)} 0V${height}"/>${marks.join('')}`)}</svg>`;
}

interface Drawn {
  readonly y: number;
  readonly colour: string;
  /** 0 draws a diamond. */
  readonly radius: number;
}

function mark(
  { comparison, interval, verdict }: Claim,
  x: (value: number) => number,
  { y, colour, radius }: Drawn,
): string {
  if (!Number.isFinite(comparison.difference)) return '';
  const at = round(x(comparison.difference));
  const line = interval ? `<path d="M${round(x(interval[0]))} ${y}H${round(x(interval[1]))}" stroke="${colour}"/>` : '';
  const fill = verdict === 'inconclusive' ? 'var(--paper)' : colour;
  const dot =
    radius === 0
      ? `<path d="M${at - 4} ${y}l4 -4 4 4 -4 4z" fill="${fill}" stroke="${colour}"/>`
      : `<circle cx="${at}" cy="${y}" r="${radius}" fill="${fill}" stroke="${colour}"/>`;
  return line + dot;
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}
