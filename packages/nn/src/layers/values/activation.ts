import type { Activation } from '@espalier/engine';
import { keepsInputs, type LayerKind } from '../kind.ts';
import { onlyInput } from '../shapes.ts';

/** A function of every value: clip (ReLU6), sigmoid, hard sigmoid, hard swish, silu, gelu, tanh. */
export interface ActivationLayer {
  readonly kind: 'activation';
  readonly function: Activation;
}

export const activation: LayerKind<ActivationLayer> = {
  shape: (layer, inputs) => onlyInput(layer.function.kind, inputs, null),
  keeps: () => keepsInputs,
  forward: ({ ops, inputs }, layer) => ops.activate(inputs[0]!, layer.function),
  backward: ({ ops, dy, inputs }, layer) => [ops.activateGradient(dy, inputs[0]!, layer.function)],
};
