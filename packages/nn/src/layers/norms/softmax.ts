import { keepsOutput, type LayerKind } from '../kind.ts';
import { onlyInput } from '../shapes.ts';

/** exp(x) / sum of exp(x) over the last axis. */
export interface SoftmaxLayer {
  readonly kind: 'softmax';
}

export const softmax: LayerKind<SoftmaxLayer> = {
  shape: (_, inputs) => onlyInput('softmax', inputs, null),
  keeps: () => keepsOutput,
  forward: ({ ops, inputs }) => ops.softmax(inputs[0]!),
  backward: ({ ops, dy, output }) => [ops.softmaxGradient(dy, output)],
};
