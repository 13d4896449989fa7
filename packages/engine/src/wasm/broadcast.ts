import { sizeOf } from '@espalier/core';
import { groupsOf } from './batch-norm.ts';
import type { FloatBuffer, Heap } from './heap.ts';
import { addressOf } from './layout.ts';
import { type Box, eachBox, mergedAxes, type StridedAxis, stepsOf } from './strides.ts';

/** Values in the row-major order of `shape`. */
export interface Shaped {
  readonly buffer: FloatBuffer;
  readonly shape: readonly number[];
}

/** Sum or product of two tensors, axes of length 1 repeated as `shape` says. Both commute, so the sides may change. */
export function combine(
  heap: Heap,
  operation: 'plus' | 'times',
  a: Shaped,
  b: Shaped,
  shape: readonly number[],
): FloatBuffer {
  const y = heap.allocate(sizeOf(shape));
  const steps = [repeatedSteps(a.shape, shape), repeatedSteps(b.shape, shape), stepsOf(shape)];
  const axes = mergedAxes(shape.map((length, axis) => ({ length, steps: steps.map((of) => of[axis]!) })));
  if (!axes) return y;
  const { length, steps: last } = axes.at(-1) ?? { length: 1, steps: [1, 1, 1] };
  const isSwapped = last[0] === 0;
  const sides = isSwapped ? [b.buffer, a.buffer] : [a.buffer, b.buffer];
  const { groups, lanes } = groupsOf(length);
  const kernel = heap.kernels[`${operation}${last[0] === last[1] ? '' : 'One'}${lanes}`];
  eachBox(axes.slice(0, -1), [0, 0, 0], (box, starts) => {
    const order = isSwapped ? [1, 0, 2] : [0, 1, 2];
    const addresses = order.map((array, i) => addressOf([...sides, y][i]!, starts[array]!));
    kernel(...addresses, ...boxArguments(box, order, [4, 4, 4]), groups);
  });
  return y;
}

/** Sums of x over the axes where `shape` has 1, in float64 and rounded once. */
export function sumTo(heap: Heap, { buffer, shape: from }: Shaped, shape: readonly number[]): FloatBuffer {
  using sums = heap.doubles(sizeOf(shape));
  const steps = [stepsOf(from), repeatedSteps(shape, from)];
  const axes = mergedAxes(from.map((length, axis) => ({ length, steps: steps.map((of) => of[axis]!) }))) ?? [];
  const { length, steps: last } = axes.at(-1) ?? { length: buffer.count, steps: [1, 1] };
  const { groups, lanes } = last[1] === 0 ? { groups: length, lanes: 1 as const } : groupsOf(length);
  const kernel = last[1] === 0 ? heap.kernels.sumEach : heap.kernels[`sumRuns${lanes}`];
  eachBox(axes.slice(0, -1), [0, 0], (box, [x, sum]) => {
    const addresses = [addressOf(buffer, x!), 0, sums.address + 8 * sum!];
    kernel(...addresses, ...boxArguments(box, [0, null, 1], [4, 0, 8]), groups);
  });
  return heap.from(sums.doubles);
}

/** Lengths of a box, and the steps in bytes of the arrays in `order`; an array that is not there has none. */
function boxArguments(box: Box, order: readonly (number | null)[], bytes: readonly number[]): readonly number[] {
  const step = (array: number | null, { steps }: StridedAxis) => (array === null ? 0 : steps[array]!);
  return [
    ...box.map(({ length }) => length),
    ...order.flatMap((array, i) => box.map((axis) => bytes[i]! * step(array, axis))),
  ];
}

/** The steps through a tensor of `shape` whose axes of length 1 are repeated to those of `whole`. */
function repeatedSteps(shape: readonly number[], whole: readonly number[]): readonly number[] {
  return stepsOf(shape).map((step, axis) => (shape[axis] === whole[axis] ? step : 0));
}
