import { sizeOf } from '@espalier/core';
import type { Tensor } from '@espalier/engine';
import type { LayerKind, Parameter } from '../kind.ts';
import { misfit } from '../shapes.ts';
import { ended, isSeenInResult, sumGradient } from '../values/end.ts';
import { type ConvolutionLayer, isDepthwise } from './convolution-layer.ts';
import { convolve, convolveBackward } from './convolve.ts';
import { windowedSize } from './window.ts';

export const convolution: LayerKind<ConvolutionLayer> = {
  parameters: (layer) => [kernelOf(layer), ...biasOf(layer)],
  shape(layer, inputs) {
    const [x, residual] = inputs;
    const { kind, groups } = layer;
    if (x?.length !== 3 || x[2] !== layer.inputs || inputs.length !== (layer.residual ? 2 : 1))
      throw misfit(kind, `a map with ${layer.inputs} channels`, inputs);
    if (layer.inputs % groups !== 0 || layer.outputs % groups !== 0)
      throw misfit(kind, `channels that ${groups} groups share evenly`, inputs);
    const shape = [...windowedSize(x, layer, layer.dilation), layer.outputs];
    if (Math.min(shape[0]!, shape[1]!) < 1) throw misfit(kind, 'a map as large as the kernel at least', inputs);
    if (residual && residual.join() !== shape.join()) throw misfit(kind, `a residual of [${shape.join(', ')}]`, inputs);
    return shape;
  },
  products: ({ weight }, _, [height, width]) => ({ kernel: weight, perWeight: height! * width! }), // once at every place of the output
  keeps: ({ end }, forParameters) => ({ inputs: forParameters, output: isSeenInResult(end) }),
  forward(step, layer) {
    const { ops, parameter } = step;
    const [x, residual] = step.inputs as readonly [Tensor, Tensor?];
    const summands = { ...(layer.bias !== null && { bias: parameter(layer.bias) }), ...(residual && { residual }) };
    return ended(step, layer.end, (end) => convolve(ops, layer, x, parameter(layer.weight), { ...summands, ...end }));
  },
  backward(step, layer) {
    const { ops, wanted } = step;
    const dSum = sumGradient(step, layer.end);
    const dx = convolveBackward(step, layer, dSum);
    if (layer.bias !== null && step.gradient) step.gradient(layer.bias, ops.cast(ops.biasGradient(dSum), 'float32'));
    return layer.residual ? [dx, wanted[1] ? ops.cast(dSum, dSum.dtype) : null] : [dx];
  },
};

/** PyTorch's `[o, i, h, w]` is `[h, w, i, o]` on the device; a depthwise kernel `[h, w, channels, outputs of each]`. */
function kernelOf(layer: ConvolutionLayer): Parameter {
  const { weight, inputs, outputs, groups, kernel } = layer;
  const shape = [outputs, inputs / groups, ...kernel];
  const order = isDepthwise(layer) ? [2, 3, 0, 1] : [2, 3, 1, 0];
  const deviceShape = isDepthwise(layer) ? [...kernel, inputs, outputs / inputs] : undefined;
  return {
    name: weight,
    shape,
    role: 'kernel',
    order,
    inputs: inputsOf(layer),
    ...(deviceShape ? { deviceShape } : {}),
  };
}

function biasOf(layer: ConvolutionLayer): readonly Parameter[] {
  const { bias, outputs } = layer;
  return bias === null ? [] : [{ name: bias, shape: [outputs], role: 'bias', inputs: inputsOf(layer) }];
}

function inputsOf({ inputs, groups, kernel }: ConvolutionLayer): number {
  return (inputs / groups) * sizeOf(kernel);
}
