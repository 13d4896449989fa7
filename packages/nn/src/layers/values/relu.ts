import type { Tensor } from '@espalier/engine';
import { keepsOutput, type LayerKind } from '../kind.ts';
import { onlyInput } from '../shapes.ts';

/** max(x, 0); its slope at 0 is 0. */
export interface ReluLayer {
  readonly kind: 'relu';
}

export const relu: LayerKind<ReluLayer> = {
  shape: (_, inputs) => onlyInput('relu', inputs, null),
  keeps: () => keepsOutput,
  forward: ({ ops, inputs }) => ops.relu(inputs[0] as Tensor),
  backward: ({ ops, dy, output }) => [ops.reluGradient(dy, output)],
};
