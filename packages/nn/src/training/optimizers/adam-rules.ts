import type { TrainOptions } from '@espalier/core';
import type { AdamRule } from '@espalier/engine';

type Options<Name extends string> = Extract<TrainOptions['optimizer'], { readonly name: Name }>;

/** How far and when: `step` counts from 1. */
export interface Moment {
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly step: number;
}

/**
 * PyTorch's `AdamW`: w -= learningRate weightDecay w, then
 * w -= learningRate / (1 - beta1^step) m / (sqrt(s / (1 - beta2^step)) + epsilon).
 */
export function adamWRule(
  { beta1, beta2, epsilon }: Options<'adamw'>,
  { learningRate, weightDecay, step }: Moment,
): AdamRule {
  const [rate, squareCorrection] = [learningRate / (1 - beta1 ** step), 1 / Math.sqrt(1 - beta2 ** step)];
  return { beta1, beta2, epsilon, keptWeight: 1 - learningRate * weightDecay, rate, squareCorrection };
}

/**
 * RAdam as in Ranger (Liu et al. 2020, algorithm 2, with epsilon outside the correction): while the length of the approximated
 * simple moving average is at most `rectificationThreshold` the step is a momentum step, then it is Adam's, its variance rectified.
 *
 * Source: https://arxiv.org/abs/1908.03265; https://github.com/lessw2020/Ranger-Deep-Learning-Optimizer
 */
export function radamRule(
  { beta1, beta2, epsilon, rectificationThreshold }: Options<'ranger'>,
  { learningRate, weightDecay, step }: Moment,
): AdamRule {
  const common = { beta1, beta2, keptWeight: 1 - learningRate * weightDecay };
  const meanRate = learningRate / (1 - beta1 ** step);
  const most = 2 / (1 - beta2) - 1;
  const length = most - (2 * step * beta2 ** step) / (1 - beta2 ** step);
  if (length <= rectificationThreshold) return { ...common, rate: meanRate, squareCorrection: 0, epsilon: 1 };
  const rectification = (((length - 4) / (most - 4)) * (((length - 2) / (most - 2)) * most)) / length;
  const rate = meanRate * Math.sqrt((1 - beta2 ** step) * rectification);
  return { ...common, rate, squareCorrection: 1, epsilon };
}
