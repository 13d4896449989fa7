import type { ConvolutionEpilogue, Ops, Tensor, Window } from '../../ops.ts';
import { expectShape } from '../../shapes/expect-shape.ts';
import { convolvedShape } from '../../shapes/window-shapes.ts';
import { expectEpilogue, withEpilogue } from '../epilogue.ts';
import { native, type Runtime } from '../runtime.ts';
import { everyNth, slice } from '../shapes.ts';
import { convolutionAttributes, gradientAttributes, padded } from './convolution-ops.ts';
import { fewPlacesKernelGradient, hasFewPlaces } from './few-places-kernel-gradient.ts';
import { isNarrow, narrowInputGradient } from './narrow-input-gradient.ts';

export function convolve(
  runtime: Runtime,
  x: Tensor,
  kernel: Tensor,
  window: Window,
  epilogue: ConvolutionEpilogue = {},
): Tensor {
  expectEpilogue(convolvedShape(x.shape, kernel.shape, window), epilogue);
  const attributes = convolutionAttributes(runtime, x.dtype, window);
  return withEpilogue(runtime, runtime.run('Conv2D', attributes, [native(x), native(kernel)]), epilogue);
}

/**
 * TensorFlow's gradient kernels are slow on explicit padding, and their `SAME` pads a stride-2 window on one side where
 * PyTorch pads both. So: `SAME` where it means PyTorch's padding, else the gradient of a padded input, cut.
 */
export function convolveInputGradient(
  runtime: Runtime,
  ...[dy, kernel, window, inputShape]: Parameters<Ops['convolveInputGradient']>
): Tensor {
  expectShape(dy.shape, convolvedShape(inputShape, kernel.shape, window));
  if (isNarrow(window, native(kernel), inputShape)) {
    return narrowInputGradient(runtime, native(dy), native(kernel), window.padding, inputShape);
  }
  const padding = paddingName(window, kernel.shape);
  const border = padding === 'VALID' ? window.padding : 0;
  const [n, height, width, channels] = inputShape as [number, number, number, number]; // activations are n h w c
  const shape = runtime.integers([n, height + 2 * border, width + 2 * border, channels]);
  const attributes = gradientAttributes(runtime, dy.dtype, window.stride, padding);
  const dx = runtime.run('Conv2DBackpropInput', attributes, [shape, native(kernel), native(dy)]);
  if (border === 0) return dx;
  const inner = slice(runtime, dx, [0, border, border, 0], inputShape);
  runtime.scopes.release(dx);
  return inner;
}

/**
 * As above; a strided 1x1 window only meets every stride-th place, so those are picked first. oneDNN does this itself, but with
 * fewer than 8 channels its AVX2 kernel writes past its buffer (TensorFlow 2.21): the heap is corrupted.
 */
export function convolveKernelGradient(
  runtime: Runtime,
  ...[dy, x, window, kernelShape]: Parameters<Ops['convolveKernelGradient']>
): Tensor {
  expectShape(dy.shape, convolvedShape(x.shape, kernelShape, window));
  const [rows, columns] = kernelShape;
  if (rows === 1 && columns === 1 && window.stride > 1) {
    return runtime.scopes.run((keep) => {
      const { stride, padding } = window;
      const met = everyNth(runtime, padded(runtime, native(x), padding), [1, stride, stride, 1]);
      return keep(convolveKernelGradient(runtime, dy, met, { stride: 1, padding: 0 }, kernelShape));
    });
  }
  if (hasFewPlaces(runtime, native(dy), kernelShape)) {
    return fewPlacesKernelGradient(runtime, native(dy), native(x), window, kernelShape);
  }
  const padding = paddingName(window, kernelShape);
  const input = padding === 'VALID' ? padded(runtime, native(x), window.padding) : native(x);
  const attributes = gradientAttributes(runtime, dy.dtype, window.stride, padding);
  const inputs = [input, runtime.integers(kernelShape), native(dy)];
  const dKernel = runtime.run('Conv2DBackpropFilter', attributes, inputs);
  if (input !== x) runtime.scopes.release(input);
  return dKernel;
}

function paddingName({ stride, padding }: Window, [rows, columns]: readonly number[]): 'SAME' | 'VALID' {
  const size = 2 * padding + 1;
  return stride === 1 && rows === size && columns === size ? 'SAME' : 'VALID';
}
