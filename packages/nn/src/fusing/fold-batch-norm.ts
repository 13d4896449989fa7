/** BatchNorm's parameters per output channel, as in evaluation. */
export interface NormParameters {
  readonly scale: Float32Array;
  readonly shift: Float32Array;
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

/**
 * A kernel and bias that do what convolution and BatchNorm in evaluation do together:
 * scale / sqrt(variance + epsilon) * (kernel * x + bias - mean) + shift. Computed in float64, stored in float32.
 *
 * @param kernel any layout whose first axis is the output channel
 * @param bias of the convolution, where it has one
 */
export function foldBatchNorm(
  kernel: Float32Array,
  bias: Float32Array | null,
  norm: NormParameters,
  epsilon: number,
): { kernel: Float32Array; bias: Float32Array } {
  const outputs = norm.scale.length;
  const perOutput = kernel.length / outputs;
  const folded = new Float32Array(kernel.length);
  for (let o = 0; o < outputs; o++) {
    const factor = factorOf(norm, o, epsilon);
    for (let i = o * perOutput; i < (o + 1) * perOutput; i++) folded[i] = kernel[i]! * factor;
  }
  return { kernel: folded, bias: affineOf(norm, epsilon, bias).offset };
}

/** BatchNorm in evaluation as factor x + offset; with `bias`, of x + bias. */
export function affineOf(
  norm: NormParameters,
  epsilon: number,
  bias: Float32Array | null = null,
): { readonly factor: Float32Array; readonly offset: Float32Array } {
  const { shift, mean } = norm;
  const centre = (o: number) => (bias ? mean[o]! - bias[o]! : mean[o]!);
  return {
    factor: shift.map((_, o) => factorOf(norm, o, epsilon)),
    offset: shift.map((value, o) => value - centre(o) * factorOf(norm, o, epsilon)),
  };
}

function factorOf({ scale, variance }: NormParameters, channel: number, epsilon: number): number {
  return scale[channel]! / Math.sqrt(variance[channel]! + epsilon);
}
