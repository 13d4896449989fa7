import type { ProductEpilogue } from './convolution-ops.ts';
import type { Tensor } from './tensors.ts';

/** Which matrices of a product are transposed first. */
export interface Transposition {
  readonly a?: boolean;
  readonly b?: boolean;
}

/** Products of matrices. */
export interface ProductOps {
  /** Matrix product of 2-d tensors, each transposed first if asked; then, in the same pass, a bias along the columns and an activation. */
  matmul(a: Tensor, b: Tensor, transpose?: Transposition, epilogue?: ProductEpilogue): Tensor;
  /** Products of matrices: `[..., m, k]` by `[..., k, n]` with equal leading axes, each matrix transposed first if asked. */
  batchedMatmul(a: Tensor, b: Tensor, transpose?: Transposition): Tensor;
}
