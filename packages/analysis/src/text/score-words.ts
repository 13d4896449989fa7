import type { ScoreWords } from '@espalier/core';
import { decimal, fixedPercent, whole } from './numbers.ts';

/** Whatever a score's words are known of. */
export interface Worded {
  readonly words: ScoreWords;
}

/** The value is a fraction, which people read as a percentage. */
export function isShare({ words }: Worded): boolean {
  return words.unit === '%';
}

/** `value` as numbers of the score are written in tables: with three decimals, fewer from 100 on, none from 1,000 on. */
export function valueText(score: Worded, value: number): string {
  if (isShare(score)) return fixedPercent(value);
  const size = Math.abs(value);
  return size >= 1000 ? whole(value) : decimal(value, size >= 100 ? 1 : 3);
}

/** A size beside a value, such as a standard error, in the value's decimals and without its sign of percent. */
export function sizeText(score: Worded, size: number): string {
  return isShare(score) ? decimal(100 * size, 1) : decimal(size);
}
