import { decimal, percent, significant } from '../page/format.ts';
import { metricText } from '../page/names.ts';
import type { Claim } from './claims.ts';

/** `+0.021`, `−1.2 points`: a difference with as many decimals as its interval can bear. */
export function differenceText(metric: string, value: number, interval: Claim['comparison']['interval']): string {
  const { scale, unit } = unitOf(metric);
  const text = decimal(scale * value, decimalsFor(scale, interval ?? [value, value]));
  return `${value > 0 ? '+' : ''}${text}${unit}`;
}

/** `−0.030 to −0.012` */
export function intervalText(metric: string, interval: readonly [number, number]): string {
  const { scale } = unitOf(metric);
  const [low, high] = interval.map((end) => decimal(scale * end, decimalsFor(scale, interval)));
  return `${low} to ${high}`;
}

/** The largest change that an interval leaves possible, either way. */
export function boundText(metric: string, interval: readonly [number, number]): string {
  const { scale, unit } = unitOf(metric);
  const bound = Math.max(Math.abs(interval[0]), Math.abs(interval[1]));
  return `${decimal(scale * bound, decimalsFor(scale, interval))}${unit}`;
}

export function pText(p: number): string {
  return p < 0.001 ? '< 0.001' : significant(p, 2);
}

/** `10 %, 30 % and 70 %` */
export function levelsText(levels: readonly number[]): string {
  return listed(levels.map((level) => percent(level)));
}

/** `a, b and c` */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

function unitOf(metric: string): { readonly scale: number; readonly unit: string } {
  return metricText(metric).asPercent ? { scale: 100, unit: ' points' } : { scale: 1, unit: '' };
}

/** Two significant digits of the interval's half, between none and six decimals. */
function decimalsFor(scale: number, [low, high]: readonly [number, number]): number {
  const half = (scale * (high - low)) / 2 || Math.abs(scale * high) || 1;
  return Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(half))));
}
