import { sizeOf } from '@espalier/core';
import { expectCounts, expectRank, expectShape, isSameShape, mismatch, shown } from './expect-shape.ts';

type Shape = readonly number[];

/** What every function here throws: StudyError `core/shape-mismatch`. */

export function expectReshape(x: Shape, shape: Shape): void {
  expectCounts(shape, 0, 'The lengths of a new shape');
  if (sizeOf(shape) === sizeOf(x)) return;
  throw mismatch(`A tensor of shape ${shown(x)} has ${sizeOf(x)} values and cannot be reshaped to ${shown(shape)}.`);
}

/** The shape of x with its axes in the order of `permutation`. */
export function transposedShape(x: Shape, permutation: Shape): Shape {
  const axes = [...permutation].sort((a, b) => a - b);
  if (isSameShape(axes, [...x.keys()])) return permutation.map((axis) => x[axis]!);
  throw mismatch(
    `A tensor of shape ${shown(x)} cannot be transposed by ${shown(permutation)}: each axis must appear once.`,
  );
}

export function expectSlice(x: Shape, begin: Shape, shape: Shape): void {
  for (const [entries, what] of [
    [begin, 'The begin of a slice'],
    [shape, 'The shape of a slice'],
  ] as const) {
    expectRank(entries, x, what);
    expectCounts(entries, 0, what);
  }
  if (x.every((length, i) => begin[i]! + shape[i]! <= length)) return;
  throw mismatch(
    `A slice of shape ${shown(shape)} at ${shown(begin)} does not lie inside a tensor of shape ${shown(x)}.`,
  );
}

/** The shape of `parts` joined along `axis`. */
export function joinedShape(parts: readonly Shape[], axis: number): Shape {
  const [first] = parts;
  if (!first || first[axis] === undefined) {
    throw mismatch(`Expected tensors to join along axis ${axis}, found shapes ${shown(...parts) || 'of none'}.`);
  }
  const others = (shape: Shape) => shape.with(axis, 0);
  for (const part of parts) {
    if (part.length === first.length && isSameShape(others(part), others(first))) continue;
    throw mismatch(`Tensors of shapes ${shown(first, part)} cannot be joined along axis ${axis}.`);
  }
  return first.with(
    axis,
    parts.reduce((sum, part) => sum + part[axis]!, 0),
  );
}

export type Border = readonly (readonly [before: number, after: number])[];

/** The shape of x with a border around it. */
export function paddedShape(x: Shape, border: Border): Shape {
  expectRank(border, x, 'A border');
  expectCounts(border.flat(), 0, 'The lengths of a border');
  return x.map((length, i) => border[i]![0] + length + border[i]![1]);
}

/** The shape of every n-th value along each axis. */
export function everyNthShape(x: Shape, steps: Shape): Shape {
  expectRank(steps, x, 'The steps through a tensor');
  expectCounts(steps, 1, 'The steps through a tensor');
  return x.map((length, i) => Math.ceil(length / steps[i]!));
}

export function expectSpread(x: Shape, steps: Shape, shape: Shape): void {
  expectCounts(shape, 0, 'The lengths of a spread');
  expectShape(x, everyNthShape(shape, steps));
}

/** The shape of a sum or product of two tensors, axes of length 1 repeated. */
export function broadcastShape(a: Shape, b: Shape): Shape {
  const fits = a.length === b.length && a.every((length, i) => length === b[i] || length === 1 || b[i] === 1);
  if (fits) return a.map((length, i) => (length === 1 ? b[i]! : length));
  throw mismatch(
    `Tensors of shapes ${shown(a, b)} cannot be combined: their ranks must be equal, and each axis equal or of length 1.`,
  );
}

export function expectSumTo(x: Shape, shape: Shape): void {
  if (x.length === shape.length && shape.every((length, i) => length === x[i] || length === 1)) return;
  throw mismatch(`A tensor of shape ${shown(x)} cannot be summed to ${shown(shape)}: axes stay or become 1.`);
}
