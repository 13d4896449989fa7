import type { AdamRule, SgdRule } from '../ops.ts';

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
export const adamNames = [
  'keptWeight',
  'beta1',
  'newShareOfMean',
  'beta2',
  'newShareOfSquare',
  'rate',
  'squareCorrection',
  'epsilon',
] as const;

export function adamNumbers(rule: AdamRule): readonly number[] {
  const { beta1, beta2 } = rule;
  const numbers: Record<(typeof adamNames)[number], number> = {
    ...rule,
    newShareOfMean: 1 - beta1,
    newShareOfSquare: 1 - beta2,
  };
  return adamNames.map((name) => numbers[name]);
}
