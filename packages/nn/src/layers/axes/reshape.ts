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
    if (countOf(x) === countOf(shape)) return shape;
    throw misfit('reshape', `${countOf(shape)} values for [${shape.join(', ')}]`, inputs);
  },
  forward: ({ ops, inputs }, { shape }) => ops.reshape(inputs[0]!, [inputs[0]!.shape[0]!, ...shape]),
  backward: ({ ops, inputs, dy }) => [ops.reshape(dy, inputs[0]!.shape)],
};

function countOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
