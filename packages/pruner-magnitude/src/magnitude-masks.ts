import type { Masks, Removal } from '@espalier/core';
import { selectSmallest } from './select-smallest.ts';
import { torchSmallest } from './torch-select.ts';

/** Which of several weights of equal magnitude goes first; see the options of the plugin. */
export type Ties = 'lower-index' | 'torch';

/** Masks that remove the smallest weights of each removal. */
export function magnitudeMasks(removals: readonly Removal[], ties: Ties): Masks {
  const select = ties === 'torch' ? selectAsTorch : selectSmallest;
  return new Map(
    removals.flatMap(({ kernels, count }) => {
      const masks = select(
        kernels.map(({ values }) => values),
        kernels.map(({ kept }) => kept),
        count,
      );
      return kernels.map(({ name }, i) => [name, masks[i]!] as const);
    }),
  );
}

/** As PyTorch does: the weights still kept, in one array, then one selection. */
function selectAsTorch(arrays: readonly Float32Array[], kept: readonly Uint8Array[], count: number): Uint8Array[] {
  const left = kept.reduce((sum, mask) => sum + mask.reduce((ones, keep) => ones + keep, 0), 0);
  const values = new Float32Array(left);
  let at = 0;
  arrays.forEach((array, a) => {
    const mask = kept[a]!;
    for (let i = 0; i < array.length; i++) if (mask[i] !== 0) values[at++] = array[i]!;
  });
  const keep = torchSmallest(values, count);
  at = 0;
  return kept.map((before) => {
    const mask = before.slice();
    for (let i = 0; i < mask.length; i++) if (mask[i] !== 0) mask[i] = keep[at++]!;
    return mask;
  });
}
