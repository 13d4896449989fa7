import type { AdamWRule, SgdRule } from '../ops.ts';

/** The numbers of SGD's kernel, in the order in which it finds them in memory. */
export const sgdNames = ['rate', 'decay', 'momentum', 'shareOfVelocity', 'shareOfGradient'] as const;

export function sgdNumbers({ learningRate, momentum, nesterov, weightDecay }: SgdRule): readonly number[] {
  const numbers: Record<(typeof sgdNames)[number], number> = {
    rate: learningRate,
    decay: weightDecay,
    momentum,
    shareOfVelocity: nesterov ? momentum : 1,
    shareOfGradient: nesterov ? 1 : 0,
  };
  return sgdNames.map((name) => numbers[name]);
}

/** The numbers of AdamW's kernel, in the order in which it finds them in memory. */
export const adamWNames = [
  'keptWeight',
  'beta1',
  'newShareOfMean',
  'beta2',
  'newShareOfSquare',
  'rate',
  'squareCorrection',
  'epsilon',
] as const;

export function adamWNumbers(rule: AdamWRule): readonly number[] {
  const { learningRate, beta1, beta2, epsilon, weightDecay, step } = rule;
  const numbers: Record<(typeof adamWNames)[number], number> = {
    keptWeight: 1 - learningRate * weightDecay,
    beta1,
    newShareOfMean: 1 - beta1,
    beta2,
    newShareOfSquare: 1 - beta2,
    rate: learningRate / (1 - beta1 ** step),
    squareCorrection: 1 / Math.sqrt(1 - beta2 ** step),
    epsilon,
  };
  return adamWNames.map((name) => numbers[name]);
}
