import type { ConvolutionEpilogue, Ops, Tensor, Window } from '../ops.ts';
import { convolutionAttributes, gradientAttributes, padded, slice } from './convolution-ops.ts';
import { add, addBias, relu } from './elementwise.ts';
import { fewPlacesKernelGradient, hasFewPlaces } from './few-places-kernel-gradient.ts';
import { isNarrow, narrowInputGradient } from './narrow-input-gradient.ts';
import { type NativeTensor, native, type Runtime } from './runtime.ts';

export function convolve(
  runtime: Runtime,
  x: Tensor,
  kernel: Tensor,
  window: Window,
  epilogue: ConvolutionEpilogue = {},
): Tensor {
  const attributes = convolutionAttributes(runtime, x.dtype, window);
  let y: Tensor = runtime.run('Conv2D', attributes, [native(x), native(kernel)]);
  const replaceBy = (next: Tensor): void => {
    runtime.scopes.release(native(y));
    y = next;
  };
  if (epilogue.bias) replaceBy(addBias(runtime, y, epilogue.bias));
  if (epilogue.residual) replaceBy(add(runtime, y, epilogue.residual));
  if (epilogue.relu) replaceBy(relu(runtime, y));
  return y;
}

/**
 * TensorFlow's gradient kernels are slow on explicit padding, and their `SAME` pads a stride-2 window on one side where
 * PyTorch pads both. So: `SAME` where it means PyTorch's padding, else the gradient of a padded input, cut.
 */
export function convolveInputGradient(
  runtime: Runtime,
  ...[dy, kernel, window, inputShape]: Parameters<Ops['convolveInputGradient']>
): Tensor {
  if (isNarrow(window, native(kernel), inputShape)) {
    return narrowInputGradient(runtime, native(dy), native(kernel), window.padding, inputShape);
  }
  const padding = paddingName(window, kernel.shape[0]!);
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

/** As above; a strided 1x1 window only meets every stride-th place, so those are picked first (see `everyNth`). */
export function convolveKernelGradient(
  runtime: Runtime,
  ...[dy, x, window, kernelShape]: Parameters<Ops['convolveKernelGradient']>
): Tensor {
  if (kernelShape[0] === 1 && window.stride > 1 && window.padding === 0) {
    return runtime.scopes.run((keep) => {
      const met = everyNth(runtime, native(x), window.stride);
      return keep(convolveKernelGradient(runtime, dy, met, { stride: 1, padding: 0 }, kernelShape));
    });
  }
  if (hasFewPlaces(runtime, native(dy), kernelShape)) {
    return fewPlacesKernelGradient(runtime, native(dy), native(x), window, kernelShape);
  }
  const padding = paddingName(window, kernelShape[0]!);
  const input = padding === 'VALID' ? padded(runtime, native(x), window.padding) : native(x);
  const attributes = gradientAttributes(runtime, dy.dtype, window.stride, padding);
  const inputs = [input, runtime.integers(kernelShape), native(dy)];
  const dKernel = runtime.run('Conv2DBackpropFilter', attributes, inputs);
  if (input !== x) runtime.scopes.release(input);
  return dKernel;
}

/**
 * Rows and columns 0, n, 2n, ... of an activation. oneDNN does this itself for the kernel gradient of a strided 1x1 convolution, but
 * with fewer than 8 channels its AVX2 kernel writes past its buffer (TensorFlow 2.21): the heap is corrupted.
 */
function everyNth(runtime: Runtime, x: NativeTensor, n: number): NativeTensor {
  const attributes = [
    runtime.type('T', x.dtype),
    runtime.type('Index', 'int32'),
    ...['shrink_axis_mask', 'ellipsis_mask', 'new_axis_mask'].map((name) => runtime.int(name, 0)),
    ...['begin_mask', 'end_mask'].map((name) => runtime.int(name, 0b1111)), // every axis whole
  ];
  const bounds = runtime.integers([0, 0, 0, 0]);
  return runtime.run('StridedSlice', attributes, [x, bounds, bounds, runtime.integers([1, n, n, 1])]);
}

function paddingName({ stride, padding }: Window, size: number): 'SAME' | 'VALID' {
  return stride === 1 && size % 2 === 1 && 2 * padding === size - 1 ? 'SAME' : 'VALID';
}
