import type { ConvolutionEpilogue, Ops, Tensor, Window } from '@espalier/engine';
import type { Backward } from '../kind.ts';
import type { ConvolutionLayer } from './convolution-layer.ts';
import { finished, primitiveOf } from './primitives.ts';

/**
 * A convolution of any padding, stride, dilation and groups, made of what the engines have: square steps and equal borders. Other borders
 * are added before; for dilation the kernel is spread; of unequal strides, every n-th place of a stride of 1 is taken.
 */
export function convolve(
  ops: Ops,
  layer: ConvolutionLayer,
  x: Tensor,
  kernel: Tensor,
  epilogue: ConvolutionEpilogue,
): Tensor {
  const primitive = primitiveOf(ops, layer);
  const window = plainWindow(layer);
  if (window) return primitive.forward(x, kernel, window, epilogue);
  return ops.scope((keep) => {
    const sum = primitive.forward(bordered(ops, layer, x), spread(ops, layer, kernel), innerWindow(layer), {});
    return keep(finished(ops, hasSquareSteps(layer) ? sum : ops.everyNth(sum, stepsOf(layer)), epilogue));
  });
}

/** The gradient of `x` if wanted; hands over the kernel's. `dy` is the gradient of the convolution alone. */
export function convolveBackward(step: Backward, layer: ConvolutionLayer, dy: Tensor): Tensor | null {
  const { ops, wanted, gradient, parameter } = step;
  const [x] = step.inputs as readonly [Tensor];
  const kernel = parameter(layer.weight);
  const primitive = primitiveOf(ops, layer);
  const window = plainWindow(layer);
  if (window) {
    const dx = wanted[0] ? primitive.inputGradient(dy, kernel, window, x.shape) : null;
    if (gradient) gradient(layer.weight, ops.cast(primitive.kernelGradient(dy, x, window, kernel.shape), 'float32'));
    return dx;
  }
  const inner = innerWindow(layer);
  const dSum = hasSquareSteps(layer) ? dy : ops.spread(dy, stepsOf(layer), denseShape(layer, x, dy));
  if (gradient) {
    const dSpread = primitive.kernelGradient(dSum, bordered(ops, layer, x), inner, spreadShape(layer, kernel));
    gradient(layer.weight, ops.cast(ops.everyNth(dSpread, [...layer.dilation, 1, 1]), 'float32'));
  }
  if (!wanted[0]) return null;
  const dBordered = primitive.inputGradient(dSum, spread(ops, layer, kernel), inner, borderedShape(layer, x));
  return withoutBorder(ops, layer, dBordered, x);
}

/** The engines' own window, or null where it must be made. */
function plainWindow({ stride, padding, dilation }: ConvolutionLayer): Window | null {
  const [top] = padding;
  const plain = stride[0] === stride[1] && padding.every((side) => side === top) && isOnes(dilation);
  return plain ? { stride: stride[0], padding: top } : null;
}

function innerWindow(layer: ConvolutionLayer): Window {
  return { stride: hasSquareSteps(layer) ? layer.stride[0] : 1, padding: 0 };
}

function hasSquareSteps({ stride }: ConvolutionLayer): boolean {
  return stride[0] === stride[1];
}

function stepsOf({ stride }: ConvolutionLayer): readonly number[] {
  return [1, ...stride, 1];
}

function isOnes(numbers: readonly number[]): boolean {
  return numbers.every((number) => number === 1);
}

function bordered(ops: Ops, { padding }: ConvolutionLayer, x: Tensor): Tensor {
  const [top, bottom, left, right] = padding;
  return padding.every((side) => side === 0)
    ? x
    : ops.pad(x, [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ]);
}

function borderedShape({ padding }: ConvolutionLayer, { shape }: Tensor): readonly number[] {
  const [n, height, width, channels] = shape as readonly [number, number, number, number]; // a map
  const [top, bottom, left, right] = padding;
  return [n, height + top + bottom, width + left + right, channels];
}

function withoutBorder(ops: Ops, { padding }: ConvolutionLayer, dx: Tensor, { shape }: Tensor): Tensor {
  return padding.every((side) => side === 0) ? dx : ops.slice(dx, [0, padding[0], padding[2], 0], shape);
}

/** The kernel with zeros between its values, so that it sees what a dilated one sees. */
function spread(ops: Ops, layer: ConvolutionLayer, kernel: Tensor): Tensor {
  return isOnes(layer.dilation) ? kernel : ops.spread(kernel, [...layer.dilation, 1, 1], spreadShape(layer, kernel));
}

function spreadShape({ dilation }: ConvolutionLayer, { shape }: Tensor): readonly number[] {
  return shape.map((length, axis) => (axis < 2 ? dilation[axis]! * (length - 1) + 1 : length));
}

/** What a stride of 1 would give. */
function denseShape(layer: ConvolutionLayer, x: Tensor, dy: Tensor): readonly number[] {
  const size = borderedShape(layer, x);
  const kernel = layer.kernel.map((length, axis) => layer.dilation[axis]! * (length - 1) + 1);
  return [size[0]!, size[1]! - kernel[0]! + 1, size[2]! - kernel[1]! + 1, dy.shape[3]!];
}
