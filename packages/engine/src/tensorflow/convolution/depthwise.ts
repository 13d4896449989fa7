import type { OpAttribute } from '@espalier/native-tensorflow';
import type { ConvolutionOps, DType, Window } from '../../ops.ts';
import { expectShape } from '../../shapes/expect-shape.ts';
import { depthwiseShape } from '../../shapes/window-shapes.ts';
import { expectEpilogue, withEpilogue } from '../epilogue.ts';
import { canFuse, type FusedOp, runFused } from '../fusion.ts';
import { native, type Runtime } from '../runtime.ts';
import {
  framedInput,
  framedInputShape,
  framedKernel,
  framedKernelShape,
  framingOf,
  unframedInput,
  unframedKernel,
} from './framing.ts';

const fused: FusedOp = {
  name: '_MklNativeFusedDepthwiseConv2dNative',
  ends: ['Relu', 'Relu6'],
  attributes: (runtime) => [runtime.bool('is_filter_const', false)],
};

type DepthwiseOps = Pick<
  ConvolutionOps,
  'convolveDepthwise' | 'convolveDepthwiseInputGradient' | 'convolveDepthwiseKernelGradient'
>;

/**
 * Convolutions of each channel with kernels of its own.
 *
 * @param dtypes those that oneDNN computes in on this CPU
 */
export function depthwiseOps(runtime: Runtime, dtypes: readonly DType[]): DepthwiseOps {
  return { convolveDepthwise: forward(runtime, isThere(runtime) ? dtypes : []), ...gradients(runtime) };
}

function forward(runtime: Runtime, dtypes: readonly DType[]): ConvolutionOps['convolveDepthwise'] {
  return (x, kernel, window, epilogue = {}) => {
    expectEpilogue(depthwiseShape(x.shape, kernel.shape, window), epilogue);
    const framing = framingOf(x.shape, kernel.shape, window);
    const attributes = attributesOf(runtime, x.dtype, window, framing.padding);
    const { bias } = epilogue;
    return runtime.scopes.run((keep) => {
      const inputs = [framedInput(runtime, native(x), framing), framedKernel(runtime, native(kernel), framing)];
      if (bias && dtypes.includes(x.dtype)) {
        return keep(runFused(runtime, fused, attributes, inputs, { ...epilogue, bias }));
      }
      return keep(withEpilogue(runtime, runtime.run('DepthwiseConv2dNative', attributes, inputs), epilogue));
    });
  };
}

function gradients(runtime: Runtime): Omit<DepthwiseOps, 'convolveDepthwise'> {
  return {
    convolveDepthwiseInputGradient(dy, kernel, window, inputShape) {
      expectShape(dy.shape, depthwiseShape(inputShape, kernel.shape, window));
      const framing = framingOf(inputShape, kernel.shape, window);
      const attributes = attributesOf(runtime, dy.dtype, window, framing.padding);
      return runtime.scopes.run((keep) => {
        const shape = runtime.integers(framedInputShape(inputShape, framing));
        const inputs = [shape, framedKernel(runtime, native(kernel), framing), native(dy)];
        const dx = runtime.run('DepthwiseConv2dNativeBackpropInput', attributes, inputs);
        return keep(unframedInput(runtime, dx, inputShape, framing));
      });
    },
    convolveDepthwiseKernelGradient(dy, x, window, kernelShape) {
      expectShape(dy.shape, depthwiseShape(x.shape, kernelShape, window));
      const framing = framingOf(x.shape, kernelShape, window);
      const attributes = attributesOf(runtime, dy.dtype, window, framing.padding);
      return runtime.scopes.run((keep) => {
        const shape = runtime.integers(framedKernelShape(kernelShape, framing));
        const inputs = [framedInput(runtime, native(x), framing), shape, native(dy)];
        const dKernel = runtime.run('DepthwiseConv2dNativeBackpropFilter', attributes, inputs);
        return keep(unframedKernel(runtime, dKernel, kernelShape, framing));
      });
    },
  };
}

/** `relu(2 * 3 - 4)` is 2. */
function isThere(runtime: Runtime): boolean {
  const place = [1, 1, 1, 1];
  const attributes = attributesOf(runtime, 'float32', { stride: 1, padding: 0 }, 'VALID');
  return canFuse(
    runtime,
    (value) => {
      const epilogue = { bias: value(-4, [1]), relu: true };
      return runFused(runtime, fused, attributes, [value(2, place), value(3, place)], epilogue);
    },
    2,
  );
}

function attributesOf(runtime: Runtime, dtype: DType, { stride }: Window, padding: 'SAME' | 'VALID'): OpAttribute[] {
  return [
    runtime.type('T', dtype),
    runtime.int('strides', [1, stride, stride, 1]),
    runtime.string('padding', padding),
    runtime.string('data_format', 'NHWC'),
    runtime.int('dilations', [1, 1, 1, 1]),
  ];
}
