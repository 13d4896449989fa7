import { tickStep } from 'd3-array';
import { precisionFixed } from 'd3-format';

/** Shapes that stay apart in grey; the page's legends draw the same ones. */
export const shapes = ['circle', 'square', 'triangle-up', 'diamond', 'cross', 'triangle-down'] as const;

export interface Point {
  readonly x: number;
  readonly y: number;
  /** Range over seeds; equal to `y` for one seed. */
  readonly low: number;
  readonly high: number;
}

/** One line of a chart. */
export interface Series {
  readonly name: string;
  /** A CSS colour, normally a variable of the page. */
  readonly colour: string;
  readonly shape: (typeof shapes)[number];
  /** A dash pattern; none for this study's own lines. */
  readonly dash: readonly number[] | null;
  readonly points: readonly Point[];
}

/** Smallest interval that holds all values, with a margin of 8 % at both ends. */
export function paddedDomain(values: readonly number[], least = 0): [number, number] {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const margin = Math.max((high - low) * 0.08, least);
  return margin === 0 ? [low - 0.5, high + 0.5] : [low - margin, high + margin];
}

/** A number format with enough decimals to tell the ticks of `domain` apart, and at least two (none for percent). */
export function tickFormat([low, high]: readonly [number, number], asPercent: boolean): string {
  const digits = precisionFixed(tickStep(low, high, 5));
  return asPercent ? `.${Math.max(0, digits - 2)}%` : `.${Math.max(2, digits)}f`;
}
