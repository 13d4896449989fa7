import type { LayerKind } from '../kind.ts';
import { misfit, onlyInput } from '../shapes.ts';

/** Axes in another order. */
export interface TransposeLayer {
  readonly kind: 'transpose';
  /** Axis i of the result is axis `permutation[i]` of the input; axes of the value for one image, from 0. */
  readonly permutation: readonly number[];
}

export const transpose: LayerKind<TransposeLayer> = {
  shape({ permutation }, inputs) {
    const x = onlyInput('transpose', inputs, null);
    const isOrder = [...permutation].sort((a, b) => a - b).every((axis, i) => axis === i);
    if (isOrder && permutation.length === x.length) return permutation.map((axis) => x[axis]!);
    throw misfit('transpose', `${permutation.length} axes, in the order ${permutation.join(', ')}`, inputs);
  },
  forward: ({ ops, inputs }, { permutation }) => ops.transpose(inputs[0]!, withBatch(permutation)),
  backward: ({ ops, dy }, { permutation }) => [
    ops.transpose(dy, withBatch(permutation.map((_, axis) => permutation.indexOf(axis)))),
  ],
};

function withBatch(permutation: readonly number[]): readonly number[] {
  return [0, ...permutation.map((axis) => axis + 1)];
}
