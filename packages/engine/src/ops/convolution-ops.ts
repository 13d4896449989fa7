import type { Activation } from './elementwise-ops.ts';
import type { Tensor } from './tensors.ts';

/** A window's step in both directions and the border of padding on each of the four sides, as PyTorch counts them. */
export interface Window {
  readonly stride: number;
  readonly padding: number;
}

/** What may be computed in the same pass as a convolution: `activation(convolution + bias + residual)`. */
export interface ConvolutionEpilogue {
  /** `[o]`, the dtype of the input. */
  readonly bias?: Tensor;
  /** The shape and dtype of the convolution's result. */
  readonly residual?: Tensor;
  readonly relu?: boolean;
  /** Instead of relu. The gradient of a clip can be taken of its result: see `activateGradient`. */
  readonly activation?: Activation;
}

/** What may be computed in the same pass as a depthwise convolution or a product of matrices. */
export type ProductEpilogue = Omit<ConvolutionEpilogue, 'residual'>;

/** Convolutions and their gradients. Kernels need not be square. */
export interface ConvolutionOps {
  /**
   * Says that a kernel does not change and is used often: the engine may keep it in other forms, too, until it is released.
   * Which bits come of it depends on that, and on nothing that happens later.
   */
  freeze(kernel: Tensor): void;
  /** Cross-correlation of `[n, h, w, i]` with `[kh, kw, i, o]`, zeros outside: PyTorch's `conv2d`. */
  convolve(x: Tensor, kernel: Tensor, window: Window, epilogue?: ConvolutionEpilogue): Tensor;
  /** d(convolution)/dx applied to `dy`; `inputShape` is the shape of x. */
  convolveInputGradient(dy: Tensor, kernel: Tensor, window: Window, inputShape: readonly number[]): Tensor;
  /** d(convolution)/dkernel applied to `dy`; `kernelShape` is `[kh, kw, i, o]`. */
  convolveKernelGradient(dy: Tensor, x: Tensor, window: Window, kernelShape: readonly number[]): Tensor;

  /**
   * Cross-correlation of each channel with kernels of its own: `[n, h, w, c]` with `[kh, kw, c, m]`. Output channel
   * `c * m + j` comes from channel c: PyTorch's `conv2d` with c groups.
   */
  convolveDepthwise(x: Tensor, kernel: Tensor, window: Window, epilogue?: ProductEpilogue): Tensor;
  /** d(depthwise convolution)/dx applied to `dy`; `inputShape` is the shape of x. */
  convolveDepthwiseInputGradient(dy: Tensor, kernel: Tensor, window: Window, inputShape: readonly number[]): Tensor;
  /** d(depthwise convolution)/dkernel applied to `dy`; `kernelShape` is `[kh, kw, c, m]`. */
  convolveDepthwiseKernelGradient(dy: Tensor, x: Tensor, window: Window, kernelShape: readonly number[]): Tensor;
}
