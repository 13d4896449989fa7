import type { ConvolutionOps, Window } from '../../ops.ts';
import { expectShape } from '../../shapes/expect-shape.ts';
import { depthwiseShape } from '../../shapes/window-shapes.ts';
import { activated } from './slow-activations.ts';
import { indicesOf, placeOf } from './slow-indices.ts';
import { of, type Results } from './slow-tensors.ts';

type DepthwiseOps = Pick<
  ConvolutionOps,
  'convolveDepthwise' | 'convolveDepthwiseInputGradient' | 'convolveDepthwiseKernelGradient'
>;

/** A depthwise convolution as the sum of its products, and its two gradients from the same products. */
export function depthwise({ make }: Results): DepthwiseOps {
  return {
    convolveDepthwise(x, kernel, window, { bias, ...end } = {}) {
      const y = make(depthwiseShape(x.shape, kernel.shape, window));
      const outputs = y.shape[3]!;
      if (bias) expectShape(bias.shape, [outputs]);
      eachProduct(x.shape, kernel.shape, y.shape, window, (i, k, o) => {
        y.values[o]! += of(x)[i]! * of(kernel)[k]!;
      });
      y.values.forEach((sum, o) => {
        y.values[o] = activated(sum + (bias ? of(bias)[o % outputs]! : 0), end);
      });
      return y;
    },
    convolveDepthwiseInputGradient(dy, kernel, window, inputShape) {
      expectShape(dy.shape, depthwiseShape(inputShape, kernel.shape, window));
      const dx = make(inputShape);
      eachProduct(inputShape, kernel.shape, dy.shape, window, (i, k, o) => {
        dx.values[i]! += of(dy)[o]! * of(kernel)[k]!;
      });
      return dx;
    },
    convolveDepthwiseKernelGradient(dy, x, window, kernelShape) {
      expectShape(dy.shape, depthwiseShape(x.shape, kernelShape, window));
      const dKernel = make(kernelShape);
      eachProduct(x.shape, kernelShape, dy.shape, window, (i, k, o) => {
        dKernel.values[k]! += of(dy)[o]! * of(x)[i]!;
      });
      return dKernel;
    },
  };
}

/** Every product: indices into the input, the kernel and the output. */
function eachProduct(
  input: readonly number[],
  kernel: readonly number[],
  output: readonly number[],
  { stride, padding }: Window,
  visit: (i: number, k: number, o: number) => void,
): void {
  for (const at of indicesOf(kernel)) {
    const [u, v, c, j] = at as [number, number, number, number];
    for (const [n, y, x] of indicesOf(output.slice(0, 3))) {
      const [row, column] = [y! * stride + u - padding, x! * stride + v - padding];
      if (row < 0 || row >= input[1]! || column < 0 || column >= input[2]!) continue;
      const place = ((n! * output[1]! + y!) * output[2]! + x!) * output[3]! + c * kernel[3]! + j;
      visit(((n! * input[1]! + row) * input[2]! + column) * input[3]! + c, placeOf(kernel, at), place);
    }
  }
}
