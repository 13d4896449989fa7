import type { Interval } from '@espalier/numerics';
import { decimal, significant } from '../text/numbers.ts';
import { isShare, type Worded } from '../text/score-words.ts';

/** `+0.021`, `−1.2 points`: a difference with as many decimals as its interval can bear; `–` where there is none. */
export function differenceText(score: Worded, value: number, interval: Interval | null): string {
  if (!Number.isFinite(value)) return '\u2013';
  const { scale, unit } = unitOf(score);
  return `${signed(scale * value, decimalsFor(scale, interval ?? [value, value]))}${unit}`;
}

/** `−0.030 to +0.012`: both ends with their signs. */
export function intervalText(score: Worded, interval: Interval): string {
  const { scale } = unitOf(score);
  const [low, high] = interval.map((end) => signed(scale * end, decimalsFor(scale, interval)));
  return `${low} to ${high}`;
}

/** `±2.2 points`: a size either way, such as a margin. */
export function sizeEitherWay(score: Worded, size: number): string {
  return `\u00b1${plainSize(score, size)}`;
}

/** `2.2 points`: a size without a direction. */
export function plainSize(score: Worded, size: number): string {
  const { scale, unit } = unitOf(score);
  return `${significant(scale * size, 2)}${unit}`;
}

/** A p value with two significant digits: `0.012`, `< 0.001`; `≤ 0.004` where it is known only to be no larger. */
export function pText(p: number, isBound = false): string {
  if (p < 0.001) return '< 0.001';
  return isBound ? `\u2264 ${significant(p, 2)}` : significant(p, 2);
}

function signed(value: number, digits: number): string {
  const text = decimal(value, digits);
  return value > 0 ? `+${text}` : text;
}

function unitOf(score: Worded): { readonly scale: number; readonly unit: string } {
  const { unit } = score.words;
  return isShare(score) ? { scale: 100, unit: ' points' } : { scale: 1, unit: unit ? ` ${unit}` : '' };
}

/** Two significant digits of the interval's half, between none and six decimals; three for the end that is nearest to zero. */
function decimalsFor(scale: number, [low, high]: Interval): number {
  const half = (scale * (high - low)) / 2 || Math.abs(scale * high) || 1;
  return Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(half))));
}
