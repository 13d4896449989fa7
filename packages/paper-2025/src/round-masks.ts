import type { Masks, Model } from '@espalier/core';
import { percentile } from './percentile.ts';

/**
 * Masks of one round of pruning as the released code does it (`prune_by_percentile` of its utils): each parameter with "weight"
 * in its name by itself, scales of normalisation included. What is strictly smaller in magnitude than the percentile of the
 * values that are not zero goes; what the masks before removed stays removed in the masks, also where training has moved the
 * weight again.
 *
 * @param unenforced masks of earlier rounds that nothing enforces
 * @param amount fraction of the nonzero values that a round asks for, in (0, 1)
 * @param scales whether scales of normalisation are pruned, as the released code does
 */
export async function roundMasks(
  model: Model,
  unenforced: Masks | undefined,
  { amount, scales }: { amount: number; scales: boolean },
): Promise<Masks> {
  const weights = await model.weights();
  const considered = model.parameters.filter(
    ({ name, role }) => name.includes('weight') && (role === 'kernel' || (scales && role === 'scale')),
  );
  return new Map(
    considered.map(({ name }) => {
      const magnitudes = weights.get(name)!.data.map(Math.abs);
      const mask = smallerThanPercentile(magnitudes, amount);
      for (const before of [unenforced?.get(name), model.masks.get(name)]) {
        if (before) for (let i = 0; i < mask.length; i++) if (before[i] === 0) mask[i] = 0;
      }
      return [name, mask];
    }),
  );
}

/** 0 where a magnitude is below the percentile of those that are not zero; all 1 where there are none. */
function smallerThanPercentile(magnitudes: Float32Array, amount: number): Uint8Array {
  const alive = magnitudes.filter((value) => value !== 0);
  const threshold = alive.length === 0 ? 0 : percentile(alive, amount);
  return Uint8Array.from(magnitudes, (value) => Number(value >= threshold));
}
