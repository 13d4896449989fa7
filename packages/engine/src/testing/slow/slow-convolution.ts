import type { Ops } from '../../ops.ts';
import { expectShape } from '../../shapes/expect-shape.ts';
import { convolvedShape } from '../../shapes/window-shapes.ts';
import { activated } from './slow-activations.ts';
import { type Four, of, type Results } from './slow-tensors.ts';

/** A convolution as the sum of its products, and its two gradients from the same products. */
export function convolutions({
  make,
}: Results): Pick<Ops, 'convolve' | 'convolveInputGradient' | 'convolveKernelGradient'> {
  return {
    convolve(x, kernel, window, { bias, residual, ...end } = {}) {
      const y = make(convolvedShape(x.shape, kernel.shape, window));
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
    convolveInputGradient(dy, kernel, window, inputShape) {
      expectShape(dy.shape, convolvedShape(inputShape, kernel.shape, window));
      const dx = make(inputShape);
      eachProduct(inputShape, kernel.shape, dy.shape, window, (i, k, o) => {
        dx.values[i]! += of(dy)[o]! * of(kernel)[k]!;
      });
      return dx;
    },
    convolveKernelGradient(dy, x, window, kernelShape) {
      expectShape(dy.shape, convolvedShape(x.shape, kernelShape, window));
      const dKernel = make(kernelShape);
      eachProduct(x.shape, kernelShape, dy.shape, window, (i, k, o) => {
        dKernel.values[k]! += of(dy)[o]! * of(x)[i]!;
      });
      return dKernel;
    },
  };
}

/** Every product in a convolution: indices into the input, the kernel and the output. */
function eachProduct(
  input: readonly number[],
  kernel: readonly number[],
  output: readonly number[],
  { stride, padding }: { stride: number; padding: number },
  visit: (i: number, k: number, o: number) => void,
): void {
  const [n, h, w, inputs] = input as Four;
  const [kh, kw, , outputs] = kernel as Four;
  const [, oh, ow] = output as Four;
  for (let image = 0; image < n; image++)
    for (let y = 0; y < oh; y++)
      for (let x = 0; x < ow; x++)
        for (let ky = 0; ky < kh; ky++)
          for (let kx = 0; kx < kw; kx++) {
            const [iy, ix] = [y * stride + ky - padding, x * stride + kx - padding];
            if (iy < 0 || iy >= h || ix < 0 || ix >= w) continue;
            for (let i = 0; i < inputs; i++)
              for (let o = 0; o < outputs; o++) {
                const k = ((ky * kw + kx) * inputs + i) * outputs + o;
                visit(((image * h + iy) * w + ix) * inputs + i, k, ((image * oh + y) * ow + x) * outputs + o);
              }
          }
}
