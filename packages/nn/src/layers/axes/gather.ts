import type { Ops, Tensor } from '@espalier/engine';
import type { LayerKind } from '../kind.ts';
import { aroundAxis, misfit, onlyInput } from '../shapes.ts';

/** Some places of one axis, in the order of `indices`; a place may come several times. */
export interface GatherLayer {
  readonly kind: 'gather';
  /** Axis of the value for one image, from 0. */
  readonly axis: number;
  readonly indices: readonly number[];
}

export const gather: LayerKind<GatherLayer> = {
  shape({ axis, indices }, inputs) {
    const x = onlyInput('gather', inputs, null);
    const fits = axis < x.length && indices.length > 0 && indices.every((index) => 0 <= index && index < x[axis]!);
    if (fits) return x.with(axis, indices.length);
    throw misfit('gather', `an axis ${axis} with the places ${indices.join(', ')}`, inputs);
  },
  forward: ({ ops, inputs }, { axis, indices }) =>
    ops.scope((keep) => {
      const at = axis + 1;
      return keep(
        ops.concat(
          indices.map((index) => placeOf(ops, inputs[0]!, at, index)),
          at,
        ),
      );
    }),
  backward: ({ ops, inputs, dy }, { axis, indices }) =>
    ops.scope((keep) => {
      const { shape } = inputs[0]!;
      const at = axis + 1;
      const parts = indices.map((index, i) => {
        return ops.pad(placeOf(ops, dy, at, i), aroundAxis(shape, at, [index, shape[at]! - index - 1]));
      });
      return [keep(parts.reduce((sum, part) => ops.add(sum, part)))];
    }),
};

function placeOf(ops: Ops, x: Tensor, axis: number, index: number): Tensor {
  return ops.slice(
    x,
    x.shape.map((_, at) => (at === axis ? index : 0)),
    x.shape.with(axis, 1),
  );
}
