/** How values are stored and multiplied. Sums over a convolution's or BatchNorm's window are float32 in both. */
export type DType = 'float32' | 'bfloat16';

/**
 * A value on the device. Opaque: only the `Ops` that made it can read or release it.
 *
 * Images and activations are `[n, h, w, c]`, convolution kernels `[h, w, i, o]`, dense kernels `[i, o]`.
 */
export interface Tensor {
  readonly shape: readonly number[];
  readonly dtype: DType;
}

/** A float32 tensor that training changes in place. Lives until it is released; scopes do not own it. */
export interface Variable {
  readonly shape: readonly number[];
}

/** A square window's step and the border of padding on each of the four sides, as PyTorch counts them. */
export interface Window {
  readonly stride: number;
  readonly padding: number;
}

/** A square window of `size` places a side. */
export interface PoolWindow extends Window {
  readonly size: number;
}

/** What may be computed in the same pass as a convolution: `relu(convolution + bias + residual)`. */
export interface ConvolutionEpilogue {
  /** `[o]`, the dtype of the input. */
  readonly bias?: Tensor;
  /** The shape and dtype of the convolution's result. */
  readonly residual?: Tensor;
  readonly relu?: boolean;
}

/** Statistics that BatchNorm's gradient needs, in the engine's own form. */
export type SavedStatistics = readonly Tensor[];

/** What BatchNorm gives in training: its output, the statistics after this batch, and what its gradient needs. */
export interface BatchNormResult {
  readonly y: Tensor;
  /** `(1 - momentum) * running + momentum * batch`; the batch's variance is the unbiased one, as in PyTorch. */
  readonly runningMean: Tensor;
  readonly runningVariance: Tensor;
  readonly saved: SavedStatistics;
}

/** PyTorch's `SGD`: g += weightDecay w; v = momentum v + g; w -= learningRate (nesterov ? g + momentum v : v). */
export interface SgdRule {
  readonly learningRate: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
}

/**
 * m = beta1 m + (1 - beta1) g; s = beta2 s + (1 - beta2) g^2; w = keptWeight w - rate m / (squareCorrection sqrt(s) + epsilon).
 * AdamW and RAdam are this with numbers of their own.
 */
export interface AdamRule {
  readonly beta1: number;
  readonly beta2: number;
  readonly keptWeight: number;
  readonly rate: number;
  /** 0 leaves the second moment out of the step. */
  readonly squareCorrection: number;
  readonly epsilon: number;
}

/**
 * The arithmetic that networks are written in. Two engines implement it: TensorFlow's ops and tfjs's wasm kernels.
 *
 * Ownership. Every operation returns a new tensor that belongs to the innermost open `scope`, and never changes or
 * takes its arguments. A scope releases what was made in it when it ends, by return or by throw. Making a tensor
 * outside every scope is an error, so nothing can be forgotten. All operations are synchronous.
 *
 * Shapes are the caller's promise: engines check what their library does not refuse by itself.
 */
export interface Ops {
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
   * BatchNorm in training: normalises each channel by the batch's mean and biased variance. `scale`, `shift` and the
   * running statistics are float32 `[c]`; x may be of either dtype, and y has the dtype of x.
   */
  batchNorm(
    x: Tensor,
    parameters: {
      readonly scale: Tensor;
      readonly shift: Tensor;
      readonly runningMean: Tensor;
      readonly runningVariance: Tensor;
    },
    options: { readonly momentum: number; readonly epsilon: number },
  ): BatchNormResult;
  /** Gradients of `batchNorm`; `dScale` and `dShift` are float32. */
  batchNormGradient(
    dy: Tensor,
    x: Tensor,
    scale: Tensor,
    saved: SavedStatistics,
    epsilon: number,
  ): { readonly dx: Tensor; readonly dScale: Tensor; readonly dShift: Tensor };

  relu(x: Tensor): Tensor;
  /** `dy` where `y > 0`, else 0. */
  reluGradient(dy: Tensor, y: Tensor): Tensor;

  /** Largest value of each window; the border counts as minus infinity, as in PyTorch. */
  maxPool(x: Tensor, window: PoolWindow): Tensor;
  /** Each `dy` goes to the largest value of its window, the first in row-major order among equals. */
  maxPoolGradient(dy: Tensor, x: Tensor, y: Tensor, window: PoolWindow): Tensor;

  /** Sum of two tensors of equal shape and dtype. */
  add(a: Tensor, b: Tensor): Tensor;
  /** Product of two tensors of equal shape and dtype. */
  multiply(a: Tensor, b: Tensor): Tensor;
  /** `x + bias` along the last axis; bias is `[c]`. */
  addBias(x: Tensor, bias: Tensor): Tensor;
  /** Sum of `dy` over all axes but the last: `[c]`. */
  biasGradient(dy: Tensor): Tensor;
  /** Mean over space: `[n, h, w, c]` to `[n, c]`. */
  spatialMean(x: Tensor): Tensor;
  /** `[n, c]` spread evenly over `height * width` places. */
  spatialMeanGradient(dy: Tensor, height: number, width: number): Tensor;
  /** Matrix product of 2-d tensors, each transposed first if asked. */
  matmul(a: Tensor, b: Tensor, transpose?: { readonly a?: boolean; readonly b?: boolean }): Tensor;

  /** A variable that starts as a copy of `data`. */
  variable(data: Float32Array, shape: readonly number[]): Variable;
  /** The variable's present value. Release it before the variable is updated, or the update must copy. */
  read(variable: Variable): Tensor;
  /** Replaces the variable's value; `value` is float32 of the same shape. */
  assign(variable: Variable, value: Tensor): void;
  /** One step of SGD, in place. `gradient` is float32. */
  applySgd(weight: Variable, velocity: Variable, gradient: Tensor, rule: SgdRule): void;
  /** One step of Adam's family, in place. `gradient` is float32. */
  applyAdam(weight: Variable, mean: Variable, square: Variable, gradient: Tensor, rule: AdamRule): void;
}
