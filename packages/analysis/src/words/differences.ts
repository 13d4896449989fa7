import type { Claim } from '../claims/claims.ts';
import { decimal, significant } from '../text/numbers.ts';
import { isShare, type Worded } from '../text/score-words.ts';

/** `+0.021`, `−1.2 points`: a difference with as many decimals as its interval can bear; `–` where there is none. */
export function differenceText(score: Worded, value: number, interval: Claim['comparison']['interval']): string {
  if (!Number.isFinite(value)) return '\u2013';
  const { scale, unit } = unitOf(score);
  const text = decimal(scale * value, decimalsFor(scale, interval ?? [value, value]));
  return `${value > 0 ? '+' : ''}${text}${unit}`;
}

/** `−0.030 to −0.012` */
export function intervalText(score: Worded, interval: readonly [number, number]): string {
  const { scale } = unitOf(score);
  const [low, high] = interval.map((end) => decimal(scale * end, decimalsFor(scale, interval)));
  return `${low} to ${high}`;
}

/** `±2.2 points`: the largest change that an interval leaves possible, either way. */
export function boundText(score: Worded, interval: readonly [number, number]): string {
  const { scale, unit } = unitOf(score);
  const bound = Math.max(Math.abs(interval[0]), Math.abs(interval[1]));
  return `\u00b1${decimal(scale * bound, decimalsFor(scale, interval))}${unit}`;
}

/** A p value with two significant digits: `0.012`, `< 0.001`. */
export function pText(p: number): string {
  return p < 0.001 ? '< 0.001' : significant(p, 2);
}

/** `0.4412`, `81.2\u202f%`: a mean with as many decimals as the interval of its difference. */
export function meanText(score: Worded, value: number, interval: Claim['comparison']['interval']): string {
  const { scale } = unitOf(score);
  const text = decimal(scale * value, decimalsFor(scale, interval ?? [value, value]));
  return scale === 1 ? text : `${text}\u202f%`;
}

function unitOf(score: Worded): { readonly scale: number; readonly unit: string } {
  const { unit } = score.words;
  return isShare(score) ? { scale: 100, unit: ' points' } : { scale: 1, unit: unit ? ` ${unit}` : '' };
}

/** Two significant digits of the interval's half, between none and six decimals. */
function decimalsFor(scale: number, [low, high]: readonly [number, number]): number {
  const half = (scale * (high - low)) / 2 || Math.abs(scale * high) || 1;
  return Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(half))));
}
