import { entity } from '@espalier/study';
import { duration, memory } from '../../text/format.ts';
import type { Span, Timeline } from './spans.ts';

const [labels, width, right, laneHeight, rowGap, loadHeight, axisHeight] = [150, 1000, 16, 11, 7, 36, 22];

/** The timeline as SVG: how many instances were computed at once, then a row per node with a bar per instance. */
export function drawing({ spans, ms }: Timeline): string {
  const scale = (width - labels - right) / Math.max(ms, 1);
  const x = (at: number) => (labels + at * scale).toFixed(1);
  const rows = rowsOf(spans);
  const height = axisHeight + loadHeight + rowGap + rows.reduce((sum, row) => sum + row.height + rowGap, 0);
  const ticks = ticksOf(ms).map(
    (at) =>
      `<path class="tick" d="M${x(at)} ${axisHeight - 4}V${height}"/><text class="time" x="${x(at)}" y="12">${round(at)}</text>`,
  );
  let top = axisHeight + loadHeight + rowGap;
  const drawn = rows.map(({ node, bars, height: own }) => {
    const marks = bars.map(({ span, lane }) => bar(span, top + lane * laneHeight, x));
    const name = entity(node.length > 22 ? `${node.slice(0, 21)}\u2026` : node);
    const row = `<text class="name" x="${labels - 10}" y="${top + Math.min(own, laneHeight) - 2}">${name}</text>${marks.join('')}`;
    top += own + rowGap;
    return row;
  });
  return `<svg class="timeline" viewBox="0 0 ${width} ${height}" role="img" aria-label="${entity(words({ spans, ms }))}">${ticks.join('')}${load(spans, x)}${drawn.join('\n')}</svg>`;
}

interface Row {
  readonly node: string;
  readonly height: number;
  readonly bars: readonly { readonly span: Span; readonly lane: number }[];
}

/** Nodes in the order in which they began. */
function rowsOf(spans: readonly Span[]): readonly Row[] {
  const nodes = [...new Set(spans.map(({ node }) => node))];
  return nodes.map((node) => {
    const own = spans.filter((span) => span.node === node);
    const long = own.filter(({ start, end }) => end > start);
    const lanes = lanesOf(long);
    const laneOf = new Map(long.map((span, i) => [span, lanes[i]!]));
    const bars = own.map((span) => ({ span, lane: laneOf.get(span) ?? 0 }));
    return { node, bars, height: laneHeight * Math.max(1, ...lanes.map((lane) => lane + 1)) };
  });
}

/** A bar for what took time, a tick for what was there or was not tried. What it is stands in its title. */
function bar(span: Span, y: number, x: (at: number) => string): string {
  const { start, end, outcome } = span;
  const title = `<title>${entity(spanText(span))}</title>`;
  const [from, to] = [x(start), x(end)];
  if (end === start) return `<path class="${outcome}" d="M${from} ${y}v${laneHeight - 1}">${title}</path>`;
  const wide = Math.max(1, Number(to) - Number(from));
  const edge = wide > 3 ? ' edged' : '';
  return `<rect class="${outcome}${edge}" x="${from}" y="${y}" width="${wide.toFixed(1)}" height="${laneHeight - 1}">${title}</rect>`;
}

/** `prune[seed=0]: computed in 2.1 s, 640 images/s, at most 512 MiB` */
export function spanText(span: Span): string {
  const { instance, outcome, start, end, attempts, rate, peakBytes } = span;
  const parts = [
    end > start ? `${outcome} ${outcome === 'computing' ? 'for' : 'in'} ${duration(end - start)}` : outcome,
    attempts > 1 ? `${attempts} attempts` : '',
    rateText(rate),
    peakBytes === null ? '' : `at most ${memory(peakBytes)}`,
  ];
  return `${instance}: ${parts.filter((part) => part !== '').join(', ')}`;
}

/** `640 images/s`; empty where it is not known. */
export function rateText(rate: Span['rate']): string {
  return rate === null ? '' : `${Number(rate.perSecond.toPrecision(3))} ${rate.unit}/s`;
}

/** An area that is as high as the number of instances being computed. */
function load(spans: readonly Span[], x: (at: number) => string): string {
  const steps = openAtOnce(spans);
  const most = Math.max(1, ...steps.map(({ count }) => count));
  const base = axisHeight + loadHeight;
  const y = (count: number) => (base - (loadHeight * count) / most).toFixed(1);
  const path = steps.map(({ at, count }) => `H${x(at)}V${y(count)}`).join('');
  const name = `<text class="name" x="${labels - 10}" y="${base - loadHeight / 2 + 4}">at once, up to ${most}</text>`;
  return `${name}<path class="load" d="M${labels} ${base}${path}V${base}Z"/>`;
}

/** `0`, `30 s`, `1 min`, `1 h 30 min`: a round time without the parts that are zero. */
function round(ms: number): string {
  return ms === 0
    ? '0'
    : duration(ms)
        .replace(/ 0 (s|min)$/, '')
        .replace('.0 s', ' s');
}

/** About six round times from 0 on. */
function ticksOf(ms: number): readonly number[] {
  const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400];
  const step = 1000 * (steps.find((seconds) => ms / (1000 * seconds) <= 7) ?? Math.ceil(ms / 7000 / 86400) * 86400);
  return Array.from({ length: Math.floor(ms / step) + 1 }, (_, i) => i * step);
}

/** What the drawing shows, in words. */
function words({ spans, ms }: Timeline): string {
  const count = (outcome: Span['outcome']) => spans.filter((span) => span.outcome === outcome).length;
  const outcomes = (['computed', 'cached', 'failed', 'skipped', 'computing'] as const)
    .filter((outcome) => count(outcome) > 0)
    .map((outcome) => `${count(outcome)} ${outcome}`);
  return `Timeline of ${duration(ms)}: ${outcomes.join(', ') || 'nothing happened'}. All of it is in the tables below.`;
}

/** Something that takes time, from `start` to `end`. */
interface Interval {
  readonly start: number;
  readonly end: number;
}

/** A lane for each interval, ordered by start, so that no two in a lane overlap: the lowest free one. */
export function lanesOf(intervals: readonly Interval[]): readonly number[] {
  const ends: number[] = [];
  return intervals.map(({ start, end }) => {
    const free = ends.findIndex((until) => until <= start);
    const lane = free < 0 ? ends.length : free;
    ends[lane] = end;
    return lane;
  });
}

/** How many intervals are open from each moment on at which that changes, in order of time. */
export function openAtOnce(intervals: readonly Interval[]): readonly { readonly at: number; readonly count: number }[] {
  const changes = new Map<number, number>();
  const change = (at: number, by: number) => changes.set(at, (changes.get(at) ?? 0) + by);
  for (const { start, end } of intervals) {
    if (end <= start) continue;
    change(start, 1);
    change(end, -1);
  }
  let count = 0;
  return [...changes]
    .sort(([a], [b]) => a - b)
    .filter(([, by]) => by !== 0)
    .map(([at, by]) => {
      count += by;
      return { at, count };
    });
}
