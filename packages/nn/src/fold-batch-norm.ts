/** BatchNorm's parameters per output channel, as in evaluation. */
export interface NormParameters {
  readonly scale: Float32Array;
  readonly shift: Float32Array;
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

/**
 * A kernel and bias that do what convolution and BatchNorm in evaluation do together:
 * scale / sqrt(variance + epsilon) * (kernel * x - mean) + shift. Computed in float64, stored in float32.
 *
 * @param kernel any layout whose first axis is the output channel
 */
export function foldBatchNorm(
  kernel: Float32Array,
  { scale, shift, mean, variance }: NormParameters,
  epsilon: number,
): { kernel: Float32Array; bias: Float32Array } {
  const outputs = scale.length;
  const perOutput = kernel.length / outputs;
  const folded = new Float32Array(kernel.length);
  const bias = new Float32Array(outputs);
  for (let o = 0; o < outputs; o++) {
    const factor = scale[o]! / Math.sqrt(variance[o]! + epsilon);
    for (let i = o * perOutput; i < (o + 1) * perOutput; i++) folded[i] = kernel[i]! * factor;
    bias[o] = shift[o]! - mean[o]! * factor;
  }
  return { kernel: folded, bias };
}
