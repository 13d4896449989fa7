import type { Ops, Tensor } from '@espalier/engine';
import type { LayerKind } from '../kind.ts';
import { misfit } from '../shapes.ts';
import { fittedTo } from '../values/repeated.ts';

/** Values joined along one axis. A parameter or constant among them is repeated for every image. */
export interface ConcatLayer {
  readonly kind: 'concat';
  /** Axis of the value for one image, from 0. */
  readonly axis: number;
}

export const concat: LayerKind<ConcatLayer> = {
  shape({ axis }, inputs) {
    const [first] = inputs;
    const fits = inputs.every((shape) => shape.with(axis, 0).join() === first!.with(axis, 0).join());
    if (!first || axis >= first.length || !fits) throw misfit('concat', `values alike but for axis ${axis}`, inputs);
    return first.with(
      axis,
      inputs.reduce((sum, shape) => sum + shape[axis]!, 0),
    );
  },
  forward: ({ ops, inputs }, { axis }) =>
    ops.scope((keep) => {
      const images = Math.max(...inputs.map(({ shape }) => shape[0]!));
      return keep(
        ops.concat(
          inputs.map((input) => forImages(ops, input, images)),
          axis + 1,
        ),
      );
    }),
  backward: ({ ops, inputs, dy, wanted }, { axis }) => {
    let start = 0;
    return inputs.map((input, i) => {
      const length = input.shape[axis + 1]!;
      const begin = dy.shape.map((_, at) => (at === axis + 1 ? start : 0));
      start += length;
      if (!wanted[i]) return null;
      return ops.scope((keep) => keep(fittedTo(ops, ops.slice(dy, begin, dy.shape.with(axis + 1, length)), input)));
    });
  },
};

/** A value that is the same for all images, once for each. */
function forImages(ops: Ops, x: Tensor, images: number): Tensor {
  if (x.shape[0] === images) return x;
  const shape = x.shape.with(0, images);
  const count = shape.reduce((product, length) => product * length, 1);
  return ops.add(ops.cast(ops.upload(new Float32Array(count), shape), x.dtype), x);
}
