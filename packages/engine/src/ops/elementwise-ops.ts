import type { Tensor } from './tensors.ts';

/** A function of one number. Definitions are PyTorch's, and ONNX's where both have it. */
export type Activation =
  /**
   * `min(max(x, least), most)`; either bound may be infinite. Its gradient is 1 strictly between the bounds, 0 at and outside
   * them: PyTorch's `relu6` and `hardtanh`. (`torch.clamp` has 1 at the bounds, too; exported, both are the same ONNX operator.)
   */
  | { readonly kind: 'clip'; readonly least: number; readonly most: number }
  | { readonly kind: 'sigmoid' }
  /** `clip(slope x + offset, 0, 1)`: PyTorch's has 1/6 and 1/2, ONNX's defaults are 0.2 and 0.5. Gradient 0 at the bounds. */
  | { readonly kind: 'hard-sigmoid'; readonly slope: number; readonly offset: number }
  /** `x clip(x / 6 + 1/2, 0, 1)`; the gradient at -3 is 0, at 3 it is 1. */
  | { readonly kind: 'hard-swish' }
  /** `x sigmoid(x)`. */
  | { readonly kind: 'silu' }
  /** `x P(normal < x)`: exactly, or `x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))`. */
  | { readonly kind: 'gelu'; readonly approximation: 'none' | 'tanh' }
  | { readonly kind: 'tanh' };

/** What is computed value by value, and its adjoint sums. */
export interface ElementwiseOps {
  relu(x: Tensor): Tensor;
  /** `dy` where `y > 0`, else 0. */
  reluGradient(dy: Tensor, y: Tensor): Tensor;
  /** f of every value. */
  activate(x: Tensor, f: Activation): Tensor;
  /** `dy * f'(x)`. Of a clip, its result does as well as its input. */
  activateGradient(dy: Tensor, x: Tensor, f: Activation): Tensor;

  /** Sum of two tensors of one dtype and rank; an axis of length 1 is repeated to the length of the other's. */
  add(a: Tensor, b: Tensor): Tensor;
  /** Product of two tensors of one dtype and rank; an axis of length 1 is repeated to the length of the other's. */
  multiply(a: Tensor, b: Tensor): Tensor;
  /**
   * `a / (b + epsilon sign(b))` of two tensors of one shape, with +1 for the sign of 0; 0 where the divisor is 0.
   * @param epsilon not negative
   */
  quotient(a: Tensor, b: Tensor, epsilon: number): Tensor;
  /** The adjoint of repeating an axis: the sums of x over the axes where `shape`, of the same rank, has 1. */
  sumTo(x: Tensor, shape: readonly number[]): Tensor;
  /** Every value times a number. */
  scale(x: Tensor, factor: number): Tensor;
  /** `x + bias` along the last axis; bias is `[c]`. */
  addBias(x: Tensor, bias: Tensor): Tensor;
  /** Sum of `dy` over all axes but the last: `[c]`. */
  biasGradient(dy: Tensor): Tensor;
}
