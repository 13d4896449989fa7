/** Index of the largest value; ties go to the lower index. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

/** log(sum(exp(logits))), in float64. The largest logit is taken out first, so no finite logits overflow. */
export function logSumExp(logits: ArrayLike<number>): number {
  const most = logits[argmax(logits)]!;
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i]! - most);
  return most + Math.log(sum);
}

/** Cross-entropy of one prediction, in nats: log(sum(exp(logits))) - logits[label], in float64. */
export function crossEntropy(logits: ArrayLike<number>, label: number): number {
  return Math.max(0, logSumExp(logits) - logits[label]!);
}

/** Probability (softmax) of class `label`, in [0, 1]. */
export function probability(logits: ArrayLike<number>, label: number): number {
  return Math.exp(-crossEntropy(logits, label));
}
