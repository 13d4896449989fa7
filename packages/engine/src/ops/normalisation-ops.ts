import type { Tensor } from './tensors.ts';

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

/** Gradients of a normalisation; those of its parameters are float32 `[c]`. */
export interface NormGradients {
  readonly dx: Tensor;
  readonly dScale: Tensor;
  readonly dShift: Tensor;
}

/** What brings values to a common range. Statistics and sums are float32, whatever the dtype. */
export interface NormalisationOps {
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
  /** Gradients of `batchNorm`. */
  batchNormGradient(dy: Tensor, x: Tensor, scale: Tensor, saved: SavedStatistics, epsilon: number): NormGradients;

  /** Normalised along the last axis by its mean and biased variance, then `* scale + shift` (float32 `[c]`). */
  layerNorm(x: Tensor, scale: Tensor, shift: Tensor, epsilon: number): Tensor;
  /** Gradients of `layerNorm`. */
  layerNormGradient(dy: Tensor, x: Tensor, scale: Tensor, epsilon: number): NormGradients;

  /** Along the last axis: `exp(x - max) / sum`, rounded to the dtype once. */
  softmax(x: Tensor): Tensor;
  /** `y * (dy - sum(dy * y))` along the last axis. */
  softmaxGradient(dy: Tensor, y: Tensor): Tensor;
}
