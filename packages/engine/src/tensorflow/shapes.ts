import { sizeOf } from '@espalier/core';
import type { ShapeOps, Tensor } from '../ops.ts';
import { isSameShape } from '../shapes/expect-shape.ts';
import {
  type Border,
  everyNthShape,
  expectReshape,
  expectSlice,
  expectSpread,
  joinedShape,
  paddedShape,
  transposedShape,
} from '../shapes/layout-shapes.ts';
import { cast } from './elementwise.ts';
import { type NativeTensor, native, type Runtime } from './runtime.ts';

/** This TensorFlow moves values along no more axes at once; others it refuses, or moves wrongly. */
const mostAxes = 8;
/** It pads fewer. */
const mostAxesToPad = 6;

/** What moves values, each by one op where TensorFlow takes as many axes. */
export function shapeOps(runtime: Runtime): ShapeOps {
  return {
    reshape: (x, shape) => reshape(runtime, native(x), shape),
    transpose: (x, permutation) => transpose(runtime, native(x), permutation),
    slice: (x, begin, shape) => slice(runtime, native(x), begin, shape),
    concat: (parts, axis) => concat(runtime, parts, axis),
    pad: (x, border, value = 0) => pad(runtime, native(x), border, value),
    everyNth: (x, steps) => everyNth(runtime, native(x), steps),
    spread: (x, steps, shape) => spread(runtime, native(x), steps, shape),
  };
}

export function reshape(runtime: Runtime, x: NativeTensor, shape: readonly number[]): NativeTensor {
  expectReshape(x.shape, shape);
  const attributes = [runtime.type('T', x.dtype), runtime.type('Tshape', 'int32')];
  return runtime.run('Reshape', attributes, [x, runtime.integers(shape)]);
}

export function transpose(runtime: Runtime, x: NativeTensor, permutation: readonly number[]): NativeTensor {
  transposedShape(x.shape, permutation);
  const attributes = [runtime.type('T', x.dtype), runtime.type('Tperm', 'int32')];
  return runtime.run('Transpose', attributes, [x, runtime.integers(permutation)]);
}

/** The work of an op that treats each axis by itself, one axis after the other: `move` gets `[before, length, after]`. */
export function axisByAxis(
  runtime: Runtime,
  x: NativeTensor,
  move: (rows: NativeTensor, axis: number) => NativeTensor,
): NativeTensor {
  return runtime.scopes.run((keep) => {
    const moved = x.shape.reduce((found, length, axis) => {
      const { shape } = found;
      const rows = [sizeOf(shape.slice(0, axis)), length, sizeOf(shape.slice(axis + 1))];
      const next = move(reshape(runtime, found, rows), axis);
      return reshape(runtime, next, shape.with(axis, next.shape[1]!));
    }, x);
    return keep(moved);
  });
}

/** A block of `x`. */
export function slice(
  runtime: Runtime,
  x: NativeTensor,
  begin: readonly number[],
  shape: readonly number[],
): NativeTensor {
  expectSlice(x.shape, begin, shape);
  if (shape.length > mostAxes)
    return axisByAxis(runtime, x, (rows, axis) =>
      slice(runtime, rows, [0, begin[axis]!, 0], rows.shape.with(1, shape[axis]!)),
    );
  const attributes = [runtime.type('T', x.dtype), runtime.type('Index', 'int32')];
  return runtime.run('Slice', attributes, [x, runtime.integers(begin), runtime.integers(shape)]);
}

export function pad(runtime: Runtime, x: NativeTensor, border: Border, value = 0): NativeTensor {
  paddedShape(x.shape, border);
  if (border.length > mostAxesToPad)
    return axisByAxis(runtime, x, (rows, axis) => pad(runtime, rows, aroundMiddle(border[axis]!), value));
  return runtime.scopes.run((keep) => {
    const attributes = [runtime.type('T', x.dtype), runtime.type('Tpaddings', 'int32')];
    const around = runtime.integers(border.flat(), [border.length, 2]);
    return keep(runtime.run('PadV2', attributes, [x, around, cast(runtime, runtime.scalar(value), x.dtype)]));
  });
}

/** Values 0, s, 2s, ... of each axis. */
export function everyNth(runtime: Runtime, x: NativeTensor, steps: readonly number[]): NativeTensor {
  everyNthShape(x.shape, steps);
  if (steps.length > mostAxes)
    return axisByAxis(runtime, x, (rows, axis) => everyNth(runtime, rows, [1, steps[axis]!, 1]));
  const start = runtime.integers(zeros(steps));
  return runtime.run('StridedSlice', wholeAxes(runtime, x), [x, start, start, runtime.integers(steps)]);
}

/** TensorFlow's own op for this takes ten times as long as a border of zeros after every value, each of which gets an axis for it. */
function spread(runtime: Runtime, x: NativeTensor, steps: readonly number[], shape: readonly number[]): NativeTensor {
  expectSpread(x.shape, steps, shape);
  const split = x.shape.flatMap((length, axis) => (steps[axis] === 1 ? [length] : [length, 1]));
  if (split.length > mostAxesToPad)
    return axisByAxis(runtime, x, (rows, axis) =>
      spread(runtime, rows, [1, steps[axis]!, 1], rows.shape.with(1, shape[axis]!)),
    );
  const border = steps.flatMap(
    (step): Border =>
      step === 1
        ? [[0, 0]]
        : [
            [0, 0],
            [0, step - 1],
          ],
  );
  const whole = x.shape.map((length, axis) => length * steps[axis]!);
  return runtime.scopes.run((keep) => {
    const apart = reshape(runtime, pad(runtime, reshape(runtime, x, split), border), whole);
    return keep(isSameShape(whole, shape) ? apart : slice(runtime, apart, zeros(shape), shape));
  });
}

function aroundMiddle(border: Border[number]): Border {
  return [[0, 0], border, [0, 0]];
}

function zeros(shape: readonly number[]): readonly number[] {
  return shape.map(() => 0);
}

/** Attributes of a strided slice that goes from the start to the end of every axis. */
function wholeAxes(runtime: Runtime, x: NativeTensor) {
  const every = 2 ** x.shape.length - 1;
  return [
    runtime.type('T', x.dtype),
    runtime.type('Index', 'int32'),
    ...['shrink_axis_mask', 'ellipsis_mask', 'new_axis_mask'].map((name) => runtime.int(name, 0)),
    ...['begin_mask', 'end_mask'].map((name) => runtime.int(name, every)),
  ];
}

function concat(runtime: Runtime, parts: readonly Tensor[], axis: number): NativeTensor {
  joinedShape(
    parts.map(({ shape }) => shape),
    axis,
  );
  const { dtype } = parts[0]!;
  if (parts.length === 1) return cast(runtime, parts[0]!, dtype);
  const attributes = [runtime.type('T', dtype), runtime.type('Tidx', 'int32'), runtime.int('N', parts.length)];
  return runtime.run('ConcatV2', attributes, [...parts.map(native), runtime.integers([axis], [])]);
}
