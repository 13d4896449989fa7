import type { ConvolutionEpilogue, ConvolutionOps, Tensor, Window } from '../../../src/ops.ts';
import { expectShape } from '../../../src/shapes/expect-shape.ts';
import { convolvedShape, depthwiseShape } from '../../../src/shapes/window-shapes.ts';
import { activated } from './slow-activations.ts';
import { type Four, of, type Results } from './slow-tensors.ts';

type Shape = readonly number[];

/** Convolutions as the sum of their products, and their two gradients from the same products. */
export function convolutions(results: Results): Omit<ConvolutionOps, 'freeze'> {
  const [whole, depthwise] = [correlations(results, convolvedShape), correlations(results, depthwiseShape)];
  return {
    convolve: whole.forward,
    convolveInputGradient: whole.inputGradient,
    convolveKernelGradient: whole.kernelGradient,
    convolveDepthwise: depthwise.forward,
    convolveDepthwiseInputGradient: depthwise.inputGradient,
    convolveDepthwiseKernelGradient: depthwise.kernelGradient,
  };
}

function correlations({ make }: Results, shapeOf: (input: Shape, kernel: Shape, window: Window) => Shape) {
  return {
    forward(x: Tensor, kernel: Tensor, window: Window, { bias, residual, ...end }: ConvolutionEpilogue = {}) {
      const y = make(shapeOf(x.shape, kernel.shape, window));
      const outputs = y.shape[3]!;
      if (bias) expectShape(bias.shape, [outputs]);
      if (residual) expectShape(residual.shape, y.shape);
      eachProduct(x.shape, kernel.shape, y.shape, window, (i, k, o) => {
        y.values[o]! += of(x)[i]! * of(kernel)[k]!;
      });
      y.values.forEach((sum, i) => {
        const total = sum + (bias ? of(bias)[i % outputs]! : 0) + (residual ? of(residual)[i]! : 0);
        y.values[i] = activated(total, end);
      });
      return y;
    },
    inputGradient(dy: Tensor, kernel: Tensor, window: Window, inputShape: Shape) {
      expectShape(dy.shape, shapeOf(inputShape, kernel.shape, window));
      const dx = make(inputShape);
      eachProduct(inputShape, kernel.shape, dy.shape, window, (i, k, o) => {
        dx.values[i]! += of(dy)[o]! * of(kernel)[k]!;
      });
      return dx;
    },
    kernelGradient(dy: Tensor, x: Tensor, window: Window, kernelShape: Shape) {
      expectShape(dy.shape, shapeOf(x.shape, kernelShape, window));
      const dKernel = make(kernelShape);
      eachProduct(x.shape, kernelShape, dy.shape, window, (i, k, o) => {
        dKernel.values[k]! += of(dy)[o]! * of(x)[i]!;
      });
      return dKernel;
    },
  };
}

/**
 * Every product in a convolution: indices into the input, the kernel and the output. Every input channel meets all outputs, or where there are
 * more outputs than the kernel has, those of its own.
 */
function eachProduct(
  input: Shape,
  kernel: Shape,
  output: Shape,
  { stride, padding }: Window,
  visit: (i: number, k: number, o: number) => void,
): void {
  const [n, h, w, inputs] = input as Four;
  const [kh, kw, , each] = kernel as Four;
  const [, oh, ow, outputs] = output as Four;
  const step = outputs === each ? 0 : each;
  for (let image = 0; image < n; image++)
    for (let y = 0; y < oh; y++)
      for (let x = 0; x < ow; x++)
        for (let ky = 0; ky < kh; ky++)
          for (let kx = 0; kx < kw; kx++) {
            const [iy, ix] = [y * stride + ky - padding, x * stride + kx - padding];
            if (iy < 0 || iy >= h || ix < 0 || ix >= w) continue;
            for (let i = 0; i < inputs; i++)
              for (let o = 0; o < each; o++) {
                const k = ((ky * kw + kx) * inputs + i) * each + o;
                const place = ((image * oh + y) * ow + x) * outputs + i * step + o;
                visit(((image * h + iy) * w + ix) * inputs + i, k, place);
              }
          }
}
