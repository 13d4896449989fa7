import { logSumExp } from '@espalier/numerics';

/** How far apart two predictions are, in nats. */
export interface Divergences {
  /** Kullback-Leibler, sum p (log p - log q): from 0 on, without bound. */
  readonly kl: number;
  /** Jensen-Shannon, the mean of both to their middle: in [0, log 2]. */
  readonly js: number;
}

/**
 * Of the softmax p of some logits from the softmax q of others, in float64.
 *
 * @param reference logits of p
 * @param other logits of q, as many
 */
export function divergences(reference: ArrayLike<number>, other: ArrayLike<number>): Divergences {
  const [ofP, ofQ] = [logSumExp(reference), logSumExp(other)];
  let [kl, js] = [0, 0];
  for (let k = 0; k < reference.length; k++) {
    const [logP, logQ] = [reference[k]! - ofP, other[k]! - ofQ];
    const [p, q] = [Math.exp(logP), Math.exp(logQ)];
    const middle = Math.log((p + q) / 2);
    if (p > 0) kl += p * (logP - logQ);
    js += ((p > 0 ? p * (logP - middle) : 0) + (q > 0 ? q * (logQ - middle) : 0)) / 2;
  }
  return { kl: Math.max(0, kl), js: Math.min(Math.LN2, Math.max(0, js)) }; // rounding can leave -1e-17
}
