import { sizeOf } from '@espalier/core';
import type { Tensor } from '../ops.ts';
import { broadcastShape } from '../shapes/layout-shapes.ts';
import { type NativeTensor, native, type Runtime } from './runtime.ts';
import { reshape } from './shapes.ts';

type Shape = readonly number[];

/** TensorFlow combines no more groups of neighbouring axes that are repeated alike. */
const mostGroups = 5;

export function add(runtime: Runtime, a: Tensor, b: Tensor): NativeTensor {
  return combine(runtime, 'AddV2', a, b);
}

export function multiply(runtime: Runtime, a: Tensor, b: Tensor): NativeTensor {
  return combine(runtime, 'Mul', a, b);
}

function combine(runtime: Runtime, op: 'AddV2' | 'Mul', a: Tensor, b: Tensor): NativeTensor {
  const shape = broadcastShape(a.shape, b.shape);
  const compute = (...sides: NativeTensor[]) => runtime.run(op, [runtime.type('T', a.dtype)], sides);
  if (groupsOf(a.shape, b.shape) <= mostGroups) return compute(native(a), native(b));
  return runtime.scopes.run((keep) =>
    keep(compute(repeated(runtime, native(a), shape), repeated(runtime, native(b), shape))),
  );
}

/** Groups of neighbouring axes, in each of which neither side is repeated or the same one. */
function groupsOf(a: Shape, b: Shape): number {
  const kinds = a.flatMap((length, axis) => (length === 1 && b[axis] === 1 ? [] : [Math.sign(length - b[axis]!)]));
  return kinds.filter((kind, i) => kind !== kinds[i - 1]).length;
}

/** `x` with axes of length 1 repeated, one after the other. */
function repeated(runtime: Runtime, x: NativeTensor, shape: Shape): NativeTensor {
  return shape.reduce((found, length, axis) => {
    if (found.shape[axis] === length) return found;
    const rows = reshape(runtime, found, [sizeOf(shape.slice(0, axis)), 1, sizeOf(found.shape.slice(axis + 1))]);
    const attributes = [runtime.type('T', x.dtype), runtime.type('Tmultiples', 'int32')];
    const whole = runtime.run('Tile', attributes, [rows, runtime.integers([1, length, 1])]);
    return reshape(runtime, whole, found.shape.with(axis, length));
  }, x);
}
