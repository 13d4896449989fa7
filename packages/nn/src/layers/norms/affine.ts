import type { Tensor } from '@espalier/engine';
import type { LayerKind, Parameter } from '../kind.ts';
import { misfit } from '../shapes.ts';

/** factor x + offset for each channel, the last axis: BatchNorm in evaluation, whose statistics are fixed. */
export interface AffineLayer {
  readonly kind: 'affine';
  readonly channels: number;
  /** Names of the parameters, `[channels]` each. */
  readonly factor: string;
  readonly offset: string;
}

export const affine: LayerKind<AffineLayer> = {
  parameters: ({ factor, offset, channels }) => [
    parameter(factor, 'scale', channels),
    parameter(offset, 'shift', channels),
  ],
  shape(layer, inputs) {
    const [x] = inputs;
    if (inputs.length === 1 && x && x.at(-1) === layer.channels) return x;
    throw misfit('affine', `one input with ${layer.channels} channels`, inputs);
  },
  keeps: (_, forParameters) => ({ inputs: forParameters, output: false }),
  forward: ({ ops, inputs, parameter }, layer) =>
    ops.scope((keep) => {
      const [x] = inputs as readonly [Tensor];
      const product = ops.multiply(x, ops.reshape(parameter(layer.factor), alongLast(x, layer.channels)));
      return keep(ops.addBias(product, parameter(layer.offset)));
    }),
  backward({ ops, inputs, dy, parameter, gradient, wanted }, layer) {
    const [x] = inputs as readonly [Tensor];
    if (gradient) {
      gradient(layer.factor, ops.cast(ops.biasGradient(ops.multiply(dy, x)), 'float32'));
      gradient(layer.offset, ops.cast(ops.biasGradient(dy), 'float32'));
    }
    if (!wanted[0]) return [null];
    return [ops.multiply(dy, ops.reshape(parameter(layer.factor), alongLast(dy, layer.channels)))];
  },
};

function parameter(name: string, role: 'scale' | 'shift', channels: number): Parameter {
  return { name, shape: [channels], role };
}

/** A shape that repeats `channels` values over every axis of `x` but the last. */
function alongLast({ shape }: Tensor, channels: number): readonly number[] {
  return [...shape.slice(0, -1).fill(1), channels];
}
