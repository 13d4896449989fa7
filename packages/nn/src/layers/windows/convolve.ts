import type { ConvolutionEpilogue, Ops, Tensor } from '@espalier/engine';
import type { Backward } from '../kind.ts';
import type { ConvolutionLayer } from './convolution-layer.ts';
import { finished, primitiveOf } from './primitives.ts';
import { betweenSteps, bordered, borderedShape, everyStep, innerWindow, plainWindow, withoutBorder } from './uneven.ts';

/**
 * A convolution of any padding, stride, dilation and groups, made of what the engines have; for dilation the kernel is spread.
 */
export function convolve(
  ops: Ops,
  layer: ConvolutionLayer,
  x: Tensor,
  kernel: Tensor,
  epilogue: ConvolutionEpilogue,
): Tensor {
  const primitive = primitiveOf(ops, layer);
  const window = isOnes(layer.dilation) ? plainWindow(layer) : null;
  if (window) return primitive.forward(x, kernel, window, epilogue);
  return ops.scope((keep) => {
    const sum = primitive.forward(bordered(ops, layer, x), spread(ops, layer, kernel), innerWindow(layer), {});
    return keep(finished(ops, everyStep(ops, layer, sum), epilogue));
  });
}

/** The gradient of `x` if wanted; hands over the kernel's. `dy` is the gradient of the convolution alone. */
export function convolveBackward(step: Backward, layer: ConvolutionLayer, dy: Tensor): Tensor | null {
  const { ops, wanted, gradient, parameter } = step;
  const [x] = step.inputs as readonly [Tensor];
  const kernel = parameter(layer.weight);
  const primitive = primitiveOf(ops, layer);
  const window = isOnes(layer.dilation) ? plainWindow(layer) : null;
  if (window) {
    const dx = wanted[0] ? primitive.inputGradient(dy, kernel, window, x.shape) : null;
    if (gradient) gradient(layer.weight, ops.cast(primitive.kernelGradient(dy, x, window, kernel.shape), 'float32'));
    return dx;
  }
  const inner = innerWindow(layer);
  const dSum = betweenSteps(ops, layer, { x, dy, dilation: layer.dilation });
  if (gradient) {
    const dSpread = primitive.kernelGradient(dSum, bordered(ops, layer, x), inner, spreadShape(layer, kernel));
    gradient(layer.weight, ops.cast(ops.everyNth(dSpread, [...layer.dilation, 1, 1]), 'float32'));
  }
  if (!wanted[0]) return null;
  const dBordered = primitive.inputGradient(dSum, spread(ops, layer, kernel), inner, borderedShape(layer, x));
  return withoutBorder(ops, layer, dBordered, x.shape);
}

function isOnes(numbers: readonly number[]): boolean {
  return numbers.every((number) => number === 1);
}

/** The kernel with zeros between its values, so that it sees what a dilated one sees. */
function spread(ops: Ops, layer: ConvolutionLayer, kernel: Tensor): Tensor {
  return isOnes(layer.dilation) ? kernel : ops.spread(kernel, [...layer.dilation, 1, 1], spreadShape(layer, kernel));
}

function spreadShape({ dilation }: ConvolutionLayer, { shape }: Tensor): readonly number[] {
  return shape.map((length, axis) => (axis < 2 ? dilation[axis]! * (length - 1) + 1 : length));
}
