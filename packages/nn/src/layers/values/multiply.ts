import type { Tensor } from '@espalier/engine';
import { keepsInputs, type LayerKind } from '../kind.ts';
import { repeatedShape } from '../shapes.ts';
import { fittedTo } from './repeated.ts';

/** Product of two values with as many axes; an axis of length 1 is repeated. */
export interface MultiplyLayer {
  readonly kind: 'multiply';
}

export const multiply: LayerKind<MultiplyLayer> = {
  shape: (_, inputs) => repeatedShape('multiply', inputs),
  keeps: () => keepsInputs,
  forward: ({ ops, inputs }) => ops.multiply(inputs[0]!, inputs[1]!),
  backward({ ops, inputs, dy, wanted }) {
    const [a, b] = inputs as readonly [Tensor, Tensor];
    const gradient = (of: Tensor, other: Tensor) =>
      ops.scope((keep) => keep(fittedTo(ops, ops.multiply(dy, other), of)));
    return [wanted[0] ? gradient(a, b) : null, wanted[1] ? gradient(b, a) : null];
  },
};
