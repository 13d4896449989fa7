import { sizeOf } from '@espalier/core';
import type { LayerKind } from '../kind.ts';
import { misfit, onlyInput } from '../shapes.ts';

/** The same values, row-major, in another shape. */
export interface ReshapeLayer {
  readonly kind: 'reshape';
  /** For one image. */
  readonly shape: readonly number[];
}

export const reshape: LayerKind<ReshapeLayer> = {
  shape({ shape }, inputs) {
    const x = onlyInput('reshape', inputs, null);
    if (sizeOf(x) === sizeOf(shape)) return shape;
    throw misfit('reshape', `${sizeOf(shape)} values for [${shape.join(', ')}]`, inputs);
  },
  forward: ({ ops, inputs }, { shape }) => ops.reshape(inputs[0]!, [inputs[0]!.shape[0]!, ...shape]),
  backward: ({ ops, inputs, dy }) => [ops.reshape(dy, inputs[0]!.shape)],
};
