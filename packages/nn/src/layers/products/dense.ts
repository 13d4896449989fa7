import { sizeOf } from '@espalier/core';
import type { Ops, Tensor } from '@espalier/engine';
import type { LayerKind, Parameter } from '../kind.ts';
import { misfit } from '../shapes.ts';
import { type End, ended, isSeenInResult, sumGradient } from '../values/end.ts';

/** y = x kernel + bias over the last axis: PyTorch's `Linear`. */
export interface DenseLayer {
  readonly kind: 'dense';
  /** Name of the kernel. */
  readonly weight: string;
  /** The kernel's axes: PyTorch keeps `[outputs, inputs]`, a product of matrices in ONNX `[inputs, outputs]`. */
  readonly axes: 'o i' | 'i o';
  /** Name of the bias, `[outputs]`. */
  readonly bias: string | null;
  readonly inputs: number;
  readonly outputs: number;
  /** Set by fusing. */
  readonly end?: End;
}

export const dense: LayerKind<DenseLayer> = {
  parameters: (layer) => [kernelOf(layer), ...biasOf(layer)],
  shape({ inputs, outputs }, found) {
    const [x] = found;
    if (found.length === 1 && x && x.at(-1) === inputs) return x.with(-1, outputs);
    throw misfit('dense', `one input whose last axis is ${inputs}`, found);
  },
  products: ({ weight }, _, output) => ({ kernel: weight, perWeight: sizeOf(output.slice(0, -1)) }), // once for every row, such as a token
  keeps: ({ end }, forParameters) => ({ inputs: forParameters, output: isSeenInResult(end) }),
  forward(step, layer) {
    const { ops, parameter } = step;
    const [x] = step.inputs as readonly [Tensor];
    const bias = layer.bias === null ? {} : { bias: parameter(layer.bias) };
    return ended(step, layer.end, (end) =>
      ops.scope((keep) => {
        const y = ops.matmul(asMatrix(ops, x), parameter(layer.weight), {}, { ...bias, ...end });
        return keep(shaped(ops, y, x.shape.with(-1, layer.outputs)));
      }),
    );
  },
  backward(step, layer) {
    const { ops, inputs, parameter, gradient, wanted } = step;
    const [x] = inputs as readonly [Tensor];
    const upstream = asMatrix(ops, sumGradient(step, layer.end));
    if (gradient) {
      gradient(layer.weight, ops.cast(ops.matmul(asMatrix(ops, x), upstream, { a: true }), 'float32'));
      if (layer.bias !== null) gradient(layer.bias, ops.cast(ops.biasGradient(upstream), 'float32'));
    }
    if (!wanted[0]) return [null];
    return [shaped(ops, ops.matmul(upstream, parameter(layer.weight), { b: true }), x.shape)];
  },
};

/** `[inputs, outputs]` on the device. */
function kernelOf({ weight, axes, inputs, outputs }: DenseLayer): Parameter {
  if (axes === 'i o') return { name: weight, shape: [inputs, outputs], role: 'kernel', outputAxis: 1, inputs };
  return { name: weight, shape: [outputs, inputs], role: 'kernel', order: [1, 0], inputs };
}

function biasOf({ bias, inputs, outputs }: DenseLayer): readonly Parameter[] {
  return bias === null ? [] : [{ name: bias, shape: [outputs], role: 'bias', inputs }];
}

/** All axes but the last as one. */
function asMatrix(ops: Ops, x: Tensor): Tensor {
  return shaped(ops, x, [sizeOf(x.shape.slice(0, -1)), x.shape.at(-1)!]);
}

function shaped(ops: Ops, x: Tensor, shape: readonly number[]): Tensor {
  return x.shape.length === shape.length ? x : ops.reshape(x, shape);
}
