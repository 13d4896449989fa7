import { sizeOf } from '@espalier/core';
import type { ShapeOps } from '../../ops.ts';
import {
  everyNthShape,
  expectReshape,
  expectSlice,
  expectSpread,
  joinedShape,
  paddedShape,
  transposedShape,
} from '../../shapes/layout-shapes.ts';
import type { Device } from '../device.ts';
import type { FloatBuffer } from '../heap.ts';
import { move } from '../move.ts';
import { stepsOf } from '../strides.ts';

/** Every one of them copies a box of values from one layout to another. */
export function shapeOps(device: Device): ShapeOps {
  return { ...pickingOps(device), ...placingOps(device) };
}

/** What takes values out of one tensor. */
function pickingOps(device: Device): Pick<ShapeOps, 'reshape' | 'transpose' | 'slice' | 'everyNth'> {
  const picked = (from: FloatBuffer, shape: readonly number[], start: number, steps: readonly number[]) => {
    const buffer = device.heap.allocate(sizeOf(shape));
    move(device.heap, shape, { buffer: from, start, steps }, { buffer, start: 0, steps: stepsOf(shape) });
    return device.own(shape, buffer);
  };
  return {
    reshape(x, shape) {
      expectReshape(x.shape, shape);
      return device.own(shape, device.buffer(x).share());
    },
    transpose(x, permutation) {
      const steps = stepsOf(x.shape);
      const moved = permutation.map((axis) => steps[axis]!);
      return picked(device.buffer(x), transposedShape(x.shape, permutation), 0, moved);
    },
    slice(x, begin, shape) {
      expectSlice(x.shape, begin, shape);
      const steps = stepsOf(x.shape);
      return picked(device.buffer(x), shape, startOf(begin, steps), steps);
    },
    everyNth(x, steps) {
      const apart = stepsOf(x.shape).map((step, axis) => step * steps[axis]!);
      return picked(device.buffer(x), everyNthShape(x.shape, steps), 0, apart);
    },
  };
}

/** What places tensors in a larger one. */
function placingOps(device: Device): Pick<ShapeOps, 'concat' | 'pad' | 'spread'> {
  const { heap } = device;
  const place = (
    x: FloatBuffer,
    shape: readonly number[],
    target: FloatBuffer,
    start: number,
    steps: readonly number[],
  ) => move(heap, shape, { buffer: x, start: 0, steps: stepsOf(shape) }, { buffer: target, start, steps });
  return {
    concat(parts, axis) {
      const shape = joinedShape(
        parts.map((part) => part.shape),
        axis,
      );
      const steps = stepsOf(shape);
      const buffers = parts.map((part) => device.buffer(part));
      const y = heap.allocate(sizeOf(shape));
      parts.reduce((start, part, i) => {
        place(buffers[i]!, part.shape, y, start, steps);
        return start + part.shape[axis]! * steps[axis]!;
      }, 0);
      return device.own(shape, y);
    },
    pad(x, border, value = 0) {
      const shape = paddedShape(x.shape, border);
      const from = device.buffer(x);
      const y = heap.allocate(sizeOf(shape));
      y.values.fill(value);
      const steps = stepsOf(shape);
      const before = border.map(([length]) => length);
      place(from, x.shape, y, startOf(before, steps), steps);
      return device.own(shape, y);
    },
    spread(x, steps, shape) {
      expectSpread(x.shape, steps, shape);
      const from = device.buffer(x);
      const y = heap.zeros(sizeOf(shape));
      const apart = stepsOf(shape).map((step, axis) => step * steps[axis]!);
      place(from, x.shape, y, 0, apart);
      return device.own(shape, y);
    },
  };
}

function startOf(index: readonly number[], steps: readonly number[]): number {
  return index.reduce((start, i, axis) => start + i * steps[axis]!, 0);
}
