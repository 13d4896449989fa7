import { argmax, logSumExp } from '@espalier/numerics';

/** Cross-entropy of a batch and how to lower it. `n` images, `k` classes. */
export interface CrossEntropy {
  /** Mean over the batch. */
  readonly loss: number;
  /** d loss / d logits, `n k`. */
  readonly gradient: Float32Array;
  /** Images whose largest logit (the first among equals) is the label's. */
  readonly correct: number;
}

/**
 * Softmax cross-entropy against smoothed labels, as PyTorch's `CrossEntropyLoss`: the target is
 * `1 - smoothing + smoothing / k` at the label and `smoothing / k` elsewhere. Computed in float64.
 *
 * @param logits row-major `n k`
 * @param smoothing in [0, 1)
 */
export function crossEntropy(logits: Float32Array, labels: readonly number[], smoothing: number): CrossEntropy {
  const classes = logits.length / labels.length;
  const gradient = new Float32Array(logits.length);
  let total = 0;
  let correct = 0;
  for (const [n, label] of labels.entries()) {
    const row = logits.subarray(n * classes, (n + 1) * classes);
    if (argmax(row) === label) correct++;
    const logSum = logSumExp(row);
    for (let k = 0; k < classes; k++) {
      const target = smoothing / classes + (k === label ? 1 - smoothing : 0);
      const logProbability = row[k]! - logSum;
      total -= target * logProbability;
      gradient[n * classes + k] = (Math.exp(logProbability) - target) / labels.length;
    }
  }
  return { loss: total / labels.length, gradient, correct };
}
