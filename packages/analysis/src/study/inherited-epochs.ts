import type { EpochRecord } from '@espalier/core';

/** How many epochs of `history` are another model's whole history: the longest one that `history` goes on from. */
export function inheritedEpochs(
  history: readonly EpochRecord[],
  histories: readonly (readonly EpochRecord[])[],
): number {
  const texts = history.map((epoch) => JSON.stringify(epoch));
  const parents = histories.filter(
    (other) => other.length < history.length && other.every((epoch, i) => JSON.stringify(epoch) === texts[i]),
  );
  return Math.max(0, ...parents.map(({ length }) => length));
}
