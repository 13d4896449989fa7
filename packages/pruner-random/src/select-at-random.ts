import type { RandomStream } from '@espalier/core';

/**
 * Marks `count` of the weights still kept, over several arrays at once: every choice of that many is equally likely.
 *
 * Selection sampling (Knuth, The Art of Computer Programming 2, section 3.4.2, algorithm S): going through the
 * weights once, each goes with the probability (still to go) / (still to come), which ends at exactly `count`.
 *
 * @param kept one byte per weight, 0 where a weight is already gone and must not be counted again
 * @param count whole number, at most the number of kept weights
 * @returns one byte per weight: 1 keeps, 0 removes
 */
export function selectAtRandom(kept: readonly Uint8Array[], count: number, random: RandomStream): Uint8Array[] {
  let toCome = 0;
  for (const mask of kept) for (const keep of mask) toCome += keep;
  let toGo = count;
  return kept.map((before) => {
    const mask = before.slice();
    for (let i = 0; i < mask.length && toGo > 0; i++) {
      if (mask[i] === 0) continue;
      if (random.integer(toCome--) >= toGo) continue;
      mask[i] = 0;
      toGo--;
    }
    return mask;
  });
}
