import type { ScoreWords } from '@espalier/core';
import { decimal, fixedPercent } from './numbers.ts';

/** Whatever a score's words are known of. */
export interface Worded {
  readonly words: ScoreWords;
}

/** The value is a fraction, which people read as a percentage. */
export function isShare({ words }: Worded): boolean {
  return words.unit === '%';
}

/** `value` as numbers of the score are written in tables. */
export function valueText(score: Worded, value: number): string {
  return isShare(score) ? fixedPercent(value) : decimal(value);
}

/** A size beside a value, such as a standard error, in the value's decimals and without its sign of percent. */
export function sizeText(score: Worded, size: number): string {
  return isShare(score) ? decimal(100 * size, 1) : decimal(size);
}
