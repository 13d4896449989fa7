import type { InitialDistribution, RandomStream } from '@espalier/core';

/**
 * Values of a parameter before training.
 * @returns values in the order of any array, `[count]`
 */
export function drawnFrom(distribution: InitialDistribution, count: number, stream: RandomStream): Float32Array {
  const values = new Float32Array(count);
  if (distribution.kind === 'constant') return values.fill(distribution.value);
  if (distribution.kind === 'normal') return values.map(() => distribution.deviation * stream.normal());
  return values.map(() => distribution.bound * (2 * stream.uniform() - 1));
}
