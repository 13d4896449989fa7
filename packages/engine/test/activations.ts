import type { Activation } from '../src/ops.ts';

/** Every kind, with the options that change its formula. */
export const activations: readonly Activation[] = [
  { kind: 'clip', least: 0, most: 6 },
  { kind: 'clip', least: -1, most: 0.5 },
  { kind: 'clip', least: 0, most: Number.POSITIVE_INFINITY },
  { kind: 'clip', least: Number.NEGATIVE_INFINITY, most: 1 },
  { kind: 'sigmoid' },
  { kind: 'hard-sigmoid', slope: 1 / 6, offset: 1 / 2 },
  { kind: 'hard-sigmoid', slope: 0.2, offset: 0.5 },
  { kind: 'hard-swish' },
  { kind: 'silu' },
  { kind: 'gelu', approximation: 'none' },
  { kind: 'gelu', approximation: 'tanh' },
  { kind: 'tanh' },
];
