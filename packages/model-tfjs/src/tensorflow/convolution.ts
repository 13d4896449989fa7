import type { OpAttribute } from '../native/tensorflow-binding.ts';
import type { ConvolutionEpilogue, DType, Ops, Tensor, Window } from '../ops.ts';
import { add, addBias, relu } from './elementwise.ts';
import { type NativeTensor, native, type Runtime } from './runtime.ts';

/**
 * Convolutions as TensorFlow is fastest at them. Its gradient kernels leave the fast path on explicit padding, and its
 * `SAME` pads a stride-2 window on one side where PyTorch pads both. So: `SAME` where it means PyTorch's padding
 * (stride 1, odd window), else pad first and convolve `VALID`.
 */
export function convolve(
  runtime: Runtime,
  x: Tensor,
  kernel: Tensor,
  window: Window,
  epilogue: ConvolutionEpilogue = {},
): Tensor {
  const padding = paddingName(window, kernel.shape[0]!);
  const input = padding === 'VALID' ? padded(runtime, native(x), window.padding) : native(x);
  let y: Tensor = runtime.run('Conv2D', convolutionAttributes(runtime, x.dtype, window.stride, padding), [
    input,
    native(kernel),
  ]);
  if (input !== x) runtime.scopes.release(input);
  const replaceBy = (next: Tensor): void => {
    runtime.scopes.release(native(y));
    y = next;
  };
  if (epilogue.bias) replaceBy(addBias(runtime, y, epilogue.bias));
  if (epilogue.residual) replaceBy(add(runtime, y, epilogue.residual));
  if (epilogue.relu) replaceBy(relu(runtime, y));
  return y;
}

export function convolveInputGradient(
  runtime: Runtime,
  ...[dy, kernel, window, inputShape]: Parameters<Ops['convolveInputGradient']>
): Tensor {
  const padding = paddingName(window, kernel.shape[0]!);
  const border = padding === 'VALID' ? window.padding : 0;
  const [n, height, width, channels] = inputShape as [number, number, number, number]; // activations are n h w c
  const shape = runtime.integers([n, height + 2 * border, width + 2 * border, channels]);
  const attributes = convolutionAttributes(runtime, dy.dtype, window.stride, padding);
  const dx = runtime.run('Conv2DBackpropInput', attributes, [shape, native(kernel), native(dy)]);
  return border === 0 ? dx : withoutBorder(runtime, dx, border, inputShape);
}

export function convolveKernelGradient(
  runtime: Runtime,
  ...[dy, x, window, kernelShape]: Parameters<Ops['convolveKernelGradient']>
): Tensor {
  const padding = paddingName(window, kernelShape[0]!);
  const input = padding === 'VALID' ? padded(runtime, native(x), window.padding) : native(x);
  const attributes = convolutionAttributes(runtime, dy.dtype, window.stride, padding);
  const dKernel = runtime.run('Conv2DBackpropFilter', attributes, [input, runtime.integers(kernelShape), native(dy)]);
  if (input !== x) runtime.scopes.release(input);
  return dKernel;
}

/** Cuts `border` off each side of the two spatial axes, and releases `x`. */
export function withoutBorder(
  runtime: Runtime,
  x: NativeTensor,
  border: number,
  shape: readonly number[],
): NativeTensor {
  const attributes = [runtime.type('T', x.dtype), runtime.type('Index', 'int32')];
  const begin = runtime.integers([0, border, border, 0]);
  const inner = runtime.run('Slice', attributes, [x, begin, runtime.integers(shape)]);
  runtime.scopes.release(x);
  return inner;
}

function padded(runtime: Runtime, x: NativeTensor, border: number): NativeTensor {
  if (border === 0) return x;
  const attributes = [runtime.type('T', x.dtype), runtime.type('Tpaddings', 'int32')];
  return runtime.run('Pad', attributes, [x, borderOf(runtime, border)]);
}

/** The paddings argument that puts `border` around the two spatial axes. */
export function borderOf(runtime: Runtime, border: number): NativeTensor {
  return runtime.integers([0, 0, border, border, border, border, 0, 0], [4, 2]);
}

function paddingName({ stride, padding }: Window, size: number): 'SAME' | 'VALID' {
  return stride === 1 && size % 2 === 1 && 2 * padding === size - 1 ? 'SAME' : 'VALID';
}

function convolutionAttributes(runtime: Runtime, dtype: DType, stride: number, padding: string): OpAttribute[] {
  return [
    runtime.type('T', dtype),
    runtime.int('strides', [1, stride, stride, 1]),
    runtime.bool('use_cudnn_on_gpu', true),
    runtime.string('padding', padding),
    runtime.string('data_format', 'NHWC'),
    runtime.int('dilations', [1, 1, 1, 1]),
  ];
}
