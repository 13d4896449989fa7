import type { Tensor } from '../ops.ts';
import { broadcastShape } from '../shapes/layout-shapes.ts';
import { type NativeTensor, native, type Runtime } from './runtime.ts';
import { axisByAxis } from './shapes.ts';

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
  const attributes = [runtime.type('T', x.dtype), runtime.type('Tmultiples', 'int32')];
  return axisByAxis(runtime, x, (rows, axis) => {
    const times = rows.shape[1] === shape[axis] ? 1 : shape[axis]!;
    return runtime.run('Tile', attributes, [rows, runtime.integers([1, times, 1])]);
  });
}
