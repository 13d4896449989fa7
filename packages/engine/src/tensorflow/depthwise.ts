import type { OpAttribute } from '@espalier/native-tensorflow';
import type { ConvolutionOps, DepthwiseEpilogue, DType, Tensor, Window } from '../ops.ts';
import { expectShape } from '../shapes/expect-shape.ts';
import { depthwiseShape } from '../shapes/window-shapes.ts';
import { withEpilogue } from './epilogue.ts';
import { type NativeTensor, native, type Runtime } from './runtime.ts';

type DepthwiseOps = Pick<
  ConvolutionOps,
  'convolveDepthwise' | 'convolveDepthwiseInputGradient' | 'convolveDepthwiseKernelGradient'
>;

/** Convolutions of each channel with kernels of its own. */
export function depthwiseOps(runtime: Runtime): DepthwiseOps {
  return {
    convolveDepthwise: (x, kernel, window, epilogue = {}) => convolve(runtime, x, kernel, window, epilogue),
    convolveDepthwiseInputGradient(dy, kernel, window, inputShape) {
      expectShape(dy.shape, depthwiseShape(inputShape, kernel.shape, window));
      const inputs = [runtime.integers(inputShape), native(kernel), native(dy)];
      return runtime.run('DepthwiseConv2dNativeBackpropInput', attributesOf(runtime, dy.dtype, window), inputs);
    },
    convolveDepthwiseKernelGradient(dy, x, window, kernelShape) {
      expectShape(dy.shape, depthwiseShape(x.shape, kernelShape, window));
      const inputs = [native(x), runtime.integers(kernelShape), native(dy)];
      return runtime.run('DepthwiseConv2dNativeBackpropFilter', attributesOf(runtime, dy.dtype, window), inputs);
    },
  };
}

function convolve(
  runtime: Runtime,
  x: Tensor,
  kernel: Tensor,
  window: Window,
  epilogue: DepthwiseEpilogue,
): NativeTensor {
  depthwiseShape(x.shape, kernel.shape, window);
  return runtime.scopes.run((keep) => {
    const attributes = attributesOf(runtime, x.dtype, window);
    const y = runtime.run('DepthwiseConv2dNative', attributes, [native(x), native(kernel)]);
    return keep(withEpilogue(runtime, y, epilogue));
  });
}

function attributesOf(runtime: Runtime, dtype: DType, { stride, padding: p }: Window): OpAttribute[] {
  return [
    runtime.type('T', dtype),
    runtime.int('strides', [1, stride, stride, 1]),
    runtime.string('padding', p === 0 ? 'VALID' : 'EXPLICIT'),
    runtime.int('explicit_paddings', p === 0 ? [] : [0, 0, p, p, p, p, 0, 0]),
    runtime.string('data_format', 'NHWC'),
    runtime.int('dilations', [1, 1, 1, 1]),
  ];
}
