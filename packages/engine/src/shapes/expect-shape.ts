import { StudyError } from '@espalier/core';

type Shape = readonly number[];

/** Shapes as errors show them: `[2, 3]`. */
export function shown(...shapes: readonly Shape[]): string {
  return shapes.map((shape) => `[${shape.join(', ')}]`).join(' and ');
}

/** The error for shapes that do not belong together. */
export function mismatch(message: string): StudyError {
  return new StudyError('core/shape-mismatch', message);
}

/**
 * Kernels would read and write past the end of a tensor that is too small.
 *
 * @throws StudyError `core/shape-mismatch`
 */
export function expectShape(found: Shape, expected: Shape): void {
  if (isSameShape(found, expected)) return;
  throw mismatch(`An operation expected a tensor of shape ${shown(expected)}, found ${shown(found)}.`);
}

export function isSameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, i) => length === b[i]);
}

/** @throws StudyError `core/shape-mismatch` unless there is one entry for each axis. */
export function expectRank(entries: readonly unknown[], x: Shape, what: string): void {
  if (entries.length === x.length) return;
  throw mismatch(`${what} needs one entry for each axis of a tensor of shape ${shown(x)}, found ${entries.length}.`);
}

/** @throws StudyError `core/shape-mismatch` unless `values` are whole numbers of at least `least`. */
export function expectCounts(values: Shape, least: number, what: string): void {
  if (values.every((value) => Number.isSafeInteger(value) && value >= least)) return;
  throw mismatch(`${what} must be whole numbers of at least ${least}, found ${shown(values)}.`);
}
