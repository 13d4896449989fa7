import type { ConvolutionOps } from '../../ops.ts';
import { depthwiseShape } from '../../shapes/window-shapes.ts';
import { convolve } from '../convolution/convolution.ts';
import { convolveDepthwise } from '../convolution/depthwise.ts';
import { depthwiseGeometry } from '../convolution/depthwise-geometry.ts';
import { depthwiseInputGradient, depthwiseKernelGradient } from '../convolution/depthwise-gradients.ts';
import { geometryOf, outputShape } from '../convolution/geometry.ts';
import { convolutionInputGradient } from '../convolution/input-gradient.ts';
import { convolutionKernelGradient } from '../convolution/kernel-gradient.ts';
import type { Device } from '../device.ts';
import { activated, endOf } from './epilogue.ts';

export function convolutionOps(device: Device): ConvolutionOps {
  return { freeze: () => {}, ...wholeConvolutions(device), ...depthwiseConvolutions(device) }; // no form is faster here
}

function wholeConvolutions(device: Device) {
  const { heap } = device;
  return {
    convolve(x, kernel, window, epilogue = {}) {
      const geometry = geometryOf(x.shape, kernel.shape, window);
      const shape = outputShape(geometry);
      const { end, activation } = endOf(device, shape, epilogue);
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
      const { end, activation } = endOf(device, shape, epilogue);
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
