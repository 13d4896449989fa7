/** How values are stored and multiplied. Sums over a window, a row or a channel are float32 in both. */
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
