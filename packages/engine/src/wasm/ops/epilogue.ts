import type { Activation, ConvolutionEpilogue, Tensor } from '../../ops.ts';
import { activate } from '../activations.ts';
import type { Epilogue } from '../convolution/finish.ts';
import type { Device } from '../device.ts';
import type { FloatBuffer } from '../heap.ts';

/** What the convolution ends with itself, and what is left to do then. */
export function endOf(
  device: Device,
  shape: readonly number[],
  { bias, residual, relu, activation }: ConvolutionEpilogue,
): { readonly end: Epilogue; readonly activation: Activation | undefined } {
  const isRelu6 = activation?.kind === 'clip' && activation.least === 0 && activation.most === 6;
  const end = {
    bias: bias && device.buffer(bias, shape.slice(-1)),
    residual: residual && device.buffer(residual, shape),
    relu: activation ? false : relu,
    relu6: isRelu6,
  };
  return { end, activation: isRelu6 ? undefined : activation };
}

/** What is left to do after a convolution: its result is given away. */
export function activated(
  device: Device,
  shape: readonly number[],
  y: FloatBuffer,
  activation: Activation | undefined,
): Tensor {
  if (!activation) return device.own(shape, y);
  using linear = y;
  return device.own(shape, activate(device.heap, linear, activation));
}
