import type { Tensor } from './tensors.ts';

/** What moves values without computing. */
export interface ShapeOps {
  /** The same values, row-major, in another shape. Not copied. */
  reshape(x: Tensor, shape: readonly number[]): Tensor;
  /** Axis i of the result is axis `permutation[i]` of x. */
  transpose(x: Tensor, permutation: readonly number[]): Tensor;
  /** A block of x: `shape` values from `begin` on. */
  slice(x: Tensor, begin: readonly number[], shape: readonly number[]): Tensor;
  /** Joined along one axis; the other axes are equal. */
  concat(parts: readonly Tensor[], axis: number): Tensor;
  /** x with `value` around it (0 if not given): `[before, after]` for each axis. */
  pad(x: Tensor, border: readonly (readonly [before: number, after: number])[], value?: number): Tensor;
  /** Values 0, s, 2s, ... of each axis, for its step s. */
  everyNth(x: Tensor, steps: readonly number[]): Tensor;
  /** The adjoint of `everyNth`: the values of x at 0, s, 2s, ... of a tensor of `shape`, zeros elsewhere. */
  spread(x: Tensor, steps: readonly number[], shape: readonly number[]): Tensor;
}
