import { Html, html } from '@espalier/html';
import { extent, ticks } from 'd3-array';

/** One of the two runs. */
export type Side = 'a' | 'b';

export interface DrawnPoint {
  readonly x: number;
  readonly y: number;
  /** Half of the interval; null for none. */
  readonly half: number | null;
}

export interface DrawnLine {
  readonly side: Side;
  /** In order of x. */
  readonly points: readonly DrawnPoint[];
}

export interface Axis {
  readonly title: string;
  readonly domain: readonly [number, number];
  readonly format: (value: number) => string;
}

export interface Chart {
  /** What is drawn, in words. */
  readonly label: string;
  readonly lines: readonly DrawnLine[];
  readonly x: Axis;
  readonly y: Axis;
  /** Marks at the points: for few of them. */
  readonly marks: boolean;
}

const frame = { width: 380, height: 236, left: 52, right: 10, top: 10, bottom: 40 };

/** Lines with their bands: of A solid with filled circles, of B dashed with hollow squares. */
export function lineChart({ label, lines, x, y, marks }: Chart): Html {
  const { width, height, left, right, top, bottom } = frame;
  const atX = scale(x.domain, [left + 6, width - right]);
  const atY = scale(y.domain, [height - bottom, top]);
  const across = ticks(...x.domain, 6).map(
    (tick) =>
      `<path class="axis" d="M${atX(tick)} ${height - bottom}v4"/><text class="middle" x="${atX(tick)}" y="${height - bottom + 16}">${x.format(tick)}</text>`,
  );
  const up = ticks(...y.domain, 5).map(
    (tick) =>
      `<path class="grid" d="M${left} ${atY(tick)}H${width - right}"/><text class="end" x="${left - 6}" y="${atY(tick) + 4}">${y.format(tick)}</text>`,
  );
  const drawn = lines.map((line) => lineMarkup(line, { atX, atY, marks }));
  return html`<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${new Html(up.join(''))}<path class="axis" d="M${left} ${height - bottom}H${width - right}"/>${new Html(across.join(''))}<text class="middle" x="${(left + width - right) / 2}" y="${height - 6}">${x.title}</text>${new Html(drawn.join(''))}</svg>`;
}

interface Placing {
  readonly atX: (value: number) => number;
  readonly atY: (value: number) => number;
  readonly marks: boolean;
}

function lineMarkup({ side, points }: DrawnLine, { atX, atY, marks }: Placing): string {
  const path = points.map(({ x, y }) => `${atX(x)} ${atY(y)}`).join('L');
  const banded = points.flatMap(({ x, y, half }) => (half === null ? [] : [{ x, low: y - half, high: y + half }]));
  const edge = [...banded.map(({ x, high }) => [x, high]), ...banded.toReversed().map(({ x, low }) => [x, low])];
  const isBand = banded.length === points.length && points.length > 1;
  const band = isBand
    ? `<path class="band ${side}" d="M${edge.map(([x, y]) => `${atX(x!)} ${atY(y!)}`).join('L')}Z"/>`
    : banded.map(({ x, low, high }) => `<path class="rule ${side}" d="M${atX(x)} ${atY(low)}V${atY(high)}"/>`).join('');
  const dots = marks || points.length === 1 ? points.map(({ x, y }) => mark(side, atX(x), atY(y))) : [];
  return `${band}<path class="line ${side}" d="M${path}"/>${dots.join('')}`;
}

function mark(side: Side, x: number, y: number): string {
  if (side === 'a') return `<circle class="mark a" cx="${x}" cy="${y}" r="3.5"/>`;
  return `<rect class="mark b" x="${round(x - 3.5)}" y="${round(y - 3.5)}" width="7" height="7"/>`;
}

/** A piece of each line, for a legend. */
export function swatch(side: Side): Html {
  return new Html(
    `<svg viewBox="0 0 40 14" aria-hidden="true"><path class="line ${side}" d="M0 7H40"/>${mark(side, 20, 7)}</svg>`,
  );
}

/** An estimate and its interval; null where there is none. */
export interface DrawnEstimate {
  readonly side: Side;
  readonly at: number | null;
  readonly interval: readonly [number, number] | null;
}

/** Two estimates with their intervals above each other on one scale, with zero. */
export function estimatesChart(estimates: readonly DrawnEstimate[], label: string): Html {
  const [low = -1, high = 1] = extent([0, ...estimates.flatMap(({ at, interval }) => [at ?? 0, ...(interval ?? [])])]);
  const atX = scale([low, high], [6, 144]);
  const rows = estimates.map(({ side, at, interval }, i) => {
    const y = 9 + 16 * i;
    const rule = interval ? `<path class="rule ${side}" d="M${atX(interval[0])} ${y}H${atX(interval[1])}"/>` : '';
    return rule + (at === null ? '' : mark(side, atX(at), y));
  });
  return html`<svg class="estimates" viewBox="0 0 150 34" role="img" aria-label="${label}"><path class="zero" d="M${atX(0)} 0V34"/>${new Html(rows.join(''))}</svg>`;
}

/** A scale that keeps within a tenth of a pixel; of a domain of one value, its middle. */
function scale([low, high]: readonly [number, number], [start, end]: readonly [number, number]) {
  const width = high - low;
  return (value: number): number =>
    round(width > 0 ? start + ((value - low) / width) * (end - start) : (start + end) / 2);
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}

/** The smallest domain that holds all values, with a margin of 6 %; one around a single value. */
export function domainOf(values: readonly number[], margin = 0.06): readonly [number, number] {
  const [low = 0, high = 1] = extent(values);
  const more = (high - low) * margin || Math.abs(high) * margin || 0.5;
  return [low - more, high + more];
}
