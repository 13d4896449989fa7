import type { Activation, ConvolutionEpilogue, ConvolutionOps, Tensor } from '../../ops.ts';
import { depthwiseShape } from '../../shapes/window-shapes.ts';
import { activate } from '../activations.ts';
import { channelBlocks } from '../convolution/channel-blocks.ts';
import { convolve, type Epilogue } from '../convolution/convolution.ts';
import { convolveDepthwise, depthwiseGeometry } from '../convolution/depthwise.ts';
import { depthwiseInputGradient, depthwiseKernelGradient } from '../convolution/depthwise-gradients.ts';
import { geometryOf, outputShape } from '../convolution/geometry.ts';
import { convolutionInputGradient } from '../convolution/input-gradient.ts';
import { convolutionKernelGradient } from '../convolution/kernel-gradient.ts';
import type { Device } from '../device.ts';
import type { FloatBuffer } from '../heap.ts';

export function convolutionOps(device: Device): ConvolutionOps {
  return { freeze: () => {}, ...wholeConvolutions(device), ...depthwiseConvolutions(device) }; // no form is faster here
}

function wholeConvolutions(device: Device) {
  const { heap } = device;
  return {
    convolve(x, kernel, window, epilogue = {}) {
      const geometry = geometryOf(x.shape, kernel.shape, window);
      const shape = outputShape(geometry);
      const { end, activation } = endOf(device, shape, epilogue, channelBlocks(geometry).length === 1);
      const y = convolve(heap, device.buffer(x), device.buffer(kernel), geometry, end);
      return activated(device, shape, y, activation);
    },
    convolveInputGradient(dy, kernel, window, inputShape) {
      const geometry = geometryOf(inputShape, kernel.shape, window);
      const upstream = device.buffer(dy, outputShape(geometry));
      return device.own(inputShape, convolutionInputGradient(heap, upstream, device.buffer(kernel), geometry));
    },
    convolveKernelGradient(dy, x, window, kernelShape) {
      const geometry = geometryOf(x.shape, kernelShape, window);
      const upstream = device.buffer(dy, outputShape(geometry));
      return device.own(kernelShape, convolutionKernelGradient(heap, upstream, device.buffer(x), geometry));
    },
  } satisfies Partial<ConvolutionOps>;
}

function depthwiseConvolutions(device: Device) {
  const { heap } = device;
  return {
    convolveDepthwise(x, kernel, window, epilogue = {}) {
      const shape = depthwiseShape(x.shape, kernel.shape, window);
      const geometry = depthwiseGeometry(x.shape, kernel.shape, window);
      const { end, activation } = endOf(device, shape, epilogue, true);
      const y = convolveDepthwise(heap, device.buffer(x), device.buffer(kernel), geometry, end);
      return activated(device, shape, y, activation);
    },
    convolveDepthwiseInputGradient(dy, kernel, window, inputShape) {
      const upstream = device.buffer(dy, depthwiseShape(inputShape, kernel.shape, window));
      const geometry = depthwiseGeometry(inputShape, kernel.shape, window);
      return device.own(inputShape, depthwiseInputGradient(heap, upstream, device.buffer(kernel), geometry));
    },
    convolveDepthwiseKernelGradient(dy, x, window, kernelShape) {
      const upstream = device.buffer(dy, depthwiseShape(x.shape, kernelShape, window));
      const geometry = depthwiseGeometry(x.shape, kernelShape, window);
      return device.own(kernelShape, depthwiseKernelGradient(heap, upstream, device.buffer(x), geometry));
    },
  } satisfies Partial<ConvolutionOps>;
}

/** What the convolution ends with itself, and what is left to do then. */
function endOf(
  device: Device,
  shape: readonly number[],
  { bias, residual, relu, activation }: ConvolutionEpilogue,
  isOneSum: boolean,
): { readonly end: Epilogue; readonly activation: Activation | undefined } {
  const isRelu6 = activation?.kind === 'clip' && activation.least === 0 && activation.most === 6;
  const end = {
    bias: bias && device.buffer(bias, shape.slice(-1)),
    residual: residual && device.buffer(residual, shape),
    relu: activation ? false : relu,
  };
  return isRelu6 && isOneSum && !residual
    ? { end: { ...end, relu6: true }, activation: undefined }
    : { end, activation };
}

function activated(
  device: Device,
  shape: readonly number[],
  y: FloatBuffer,
  activation: Activation | undefined,
): Tensor {
  if (!activation) return device.own(shape, y);
  using linear = y;
  return device.own(shape, activate(device.heap, linear, activation));
}
