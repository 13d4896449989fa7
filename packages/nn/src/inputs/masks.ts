import type { Masks, NdArray, Weights } from '@espalier/core';

/** Copies of all weights, with zeros where the masks are 0. */
export function applyMasks(weights: Weights, masks: Masks): Weights {
  return new Map(
    [...weights].map(([name, array]): [string, NdArray] => {
      const mask = masks.get(name);
      const data = array.data.slice();
      if (mask) for (let i = 0; i < data.length; i++) if (mask[i] === 0) data[i] = 0;
      return [name, { ...array, data }];
    }),
  );
}

/** Both masks at once: a weight that either removes is removed. */
export function joinMasks(held: Masks, added: Masks): Masks {
  const joined = new Map(held);
  for (const [name, mask] of added) {
    const before = held.get(name);
    joined.set(
      name,
      mask.map((keep, i) => (before?.[i] === 0 ? 0 : keep)),
    );
  }
  return joined;
}
