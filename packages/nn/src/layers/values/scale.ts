import type { LayerKind } from '../kind.ts';
import { onlyInput } from '../shapes.ts';

/** Every value times a number. */
export interface ScaleLayer {
  readonly kind: 'scale';
  readonly factor: number;
}

export const scale: LayerKind<ScaleLayer> = {
  shape: (_, inputs) => onlyInput('scale', inputs, null),
  forward: ({ ops, inputs }, { factor }) => ops.scale(inputs[0]!, factor),
  backward: ({ ops, dy }, { factor }) => [ops.scale(dy, factor)],
};
