import type { ConvolutionOps } from './ops/convolution-ops.ts';
import type { ElementwiseOps } from './ops/elementwise-ops.ts';
import type { NormalisationOps } from './ops/normalisation-ops.ts';
import type { PoolingOps } from './ops/pooling-ops.ts';
import type { ProductOps } from './ops/product-ops.ts';
import type { ShapeOps } from './ops/shape-ops.ts';
import type { DType, Tensor, Variable } from './ops/tensors.ts';
import type { UpdateOps } from './ops/update-ops.ts';

export type { ConvolutionEpilogue, ConvolutionOps, ProductEpilogue, Window } from './ops/convolution-ops.ts';
export type { Activation, ElementwiseOps } from './ops/elementwise-ops.ts';
export type { BatchNormResult, NormalisationOps, NormGradients, SavedStatistics } from './ops/normalisation-ops.ts';
export type { PoolingOps, PoolWindow } from './ops/pooling-ops.ts';
export type { ProductOps, Transposition } from './ops/product-ops.ts';
export type { ShapeOps } from './ops/shape-ops.ts';
export type { DType, Tensor, Variable } from './ops/tensors.ts';
export type { AdamRule, SgdRule, UpdateOps } from './ops/update-ops.ts';

/**
 * The arithmetic that networks are written in. Two engines implement it: TensorFlow's ops and tfjs's wasm kernels.
 *
 * Ownership. Every operation returns a new tensor that belongs to the innermost open `scope`, and never changes or
 * takes its arguments. A scope releases what was made in it when it ends, by return or by throw. Making a tensor
 * outside every scope is an error, so nothing can be forgotten. All operations are synchronous.
 *
 * Shapes that do not fit are refused before anything is computed: `core/shape-mismatch`.
 */
export interface Ops
  extends ConvolutionOps,
    NormalisationOps,
    PoolingOps,
    ElementwiseOps,
    ProductOps,
    ShapeOps,
    UpdateOps {
  /** `tensorflow` or `wasm`. */
  readonly engine: string;
  /** Version of the library underneath, for example `2.21.0`. */
  readonly version: string;
  /** Whether `bfloat16` tensors can be made. */
  readonly hasBfloat16: boolean;
  /** Whether this machine multiplies them faster than float32: AMX in the CPU, or a GPU. Only then is `fast` bfloat16. */
  readonly hasFastBfloat16: boolean;
  /** Tensors and variables not yet released. */
  readonly live: number;

  /**
   * Runs `work` (synchronous) and releases every tensor made in it, except those passed to `keep`. A kept tensor
   * moves to the enclosing scope; from the outermost scope it becomes the caller's, to be released by hand.
   */
  scope<Result>(work: (keep: <Kept extends Tensor>(tensor: Kept) => Kept) => Result): Result;
  /** Releases at once. Releasing what is released already does nothing, so scopes and early release combine. */
  release(...values: readonly (Tensor | Variable)[]): void;

  /** A float32 tensor with a copy of `data`; later changes to `data` are not seen. */
  upload(data: Float32Array, shape: readonly number[]): Tensor;
  /** As `upload`, of an array that the caller gives away: it must never be written to again, so it need not be copied. */
  adopt(data: Float32Array, shape: readonly number[]): Tensor;
  /** A copy of the values, row-major, as float32 whatever the dtype. */
  download(value: Tensor | Variable): Float32Array;
  /** The same values in another dtype, rounded to nearest even. Always a new handle, even for the same dtype. */
  cast(x: Tensor, dtype: DType): Tensor;
}
