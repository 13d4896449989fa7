import { sizeOf } from '@espalier/core';
import type { Values } from './constant.ts';

/** Axis i of the result is axis `order[i]` of `values`, row-major. */
export function permutedValues(values: Values, shape: readonly number[], order: readonly number[]): Values {
  if (order.every((axis, i) => axis === i)) return values;
  const steps = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  return pickedValues(
    values,
    order.map((axis) => shape[axis]!),
    order.map((axis) => steps[axis]!),
    0,
  );
}

/** Values at `start` plus the sum of each axis' index times its step, row-major over `shape`. Steps may be 0 or negative. */
export function pickedValues(
  values: Values,
  shape: readonly number[],
  steps: readonly number[],
  start: number,
): Values {
  const result = values instanceof Float32Array ? new Float32Array(sizeOf(shape)) : new Float64Array(sizeOf(shape));
  let target = 0;
  const fill = (axis: number, from: number): void => {
    if (axis === shape.length) {
      result[target++] = values[from]!;
      return;
    }
    for (let i = 0; i < shape[axis]!; i++) fill(axis + 1, from + i * steps[axis]!);
  };
  if (result.length > 0) fill(0, start);
  return result;
}
