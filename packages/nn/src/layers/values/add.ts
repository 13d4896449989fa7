import type { Tensor } from '@espalier/engine';
import type { LayerKind } from '../kind.ts';
import { repeatedShape } from '../shapes.ts';
import { fittedTo } from './repeated.ts';

/** Sum of two values with as many axes; an axis of length 1 is repeated. */
export interface AddLayer {
  readonly kind: 'add';
}

export const add: LayerKind<AddLayer> = {
  shape: (_, inputs) => repeatedShape('add', inputs),
  forward: ({ ops, inputs }) => ops.add(inputs[0]!, inputs[1]!),
  backward: ({ ops, inputs, dy, wanted }) =>
    inputs.map((input: Tensor, i) => (wanted[i] ? fittedTo(ops, dy, input) : null)),
};
