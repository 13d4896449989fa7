import { StudyError } from '@espalier/core';
import type { Shape } from './shape.ts';

/** One sentence for inputs that a layer cannot take. */
export function misfit(kind: string, expected: string, inputs: readonly Shape[]): StudyError {
  const found = inputs.map((shape) => `[${shape.join(', ')}]`).join(' and ');
  return new StudyError('nn/shape', `A layer of the kind "${kind}" expects ${expected}; found ${found || 'no input'}.`);
}

/** The only input, which must have as many axes as said; any number if `rank` is null. */
export function onlyInput(kind: string, inputs: readonly Shape[], rank: number | null): Shape {
  const [input] = inputs;
  if (input && inputs.length === 1 && (rank === null || input.length === rank)) return input;
  throw misfit(kind, rank === 3 ? 'one map [height, width, channels]' : 'one input', inputs);
}

/** The shape of two values after axes of length 1 were repeated. */
export function repeatedShape(kind: string, inputs: readonly Shape[]): Shape {
  const [a, b] = inputs;
  const fits = (i: number) => a![i] === b![i] || a![i] === 1 || b![i] === 1;
  if (a && b && inputs.length === 2 && a.length === b.length && a.every((_, i) => fits(i)))
    return a.map((length, i) => (length === 1 ? b[i]! : length));
  throw misfit(kind, 'two inputs with axes that are equal or 1', inputs);
}

/** A border around one axis alone. */
export function aroundAxis(
  shape: Shape,
  axis: number,
  border: readonly [before: number, after: number],
): readonly (readonly [number, number])[] {
  return shape.map((_, at) => (at === axis ? border : [0, 0]));
}
