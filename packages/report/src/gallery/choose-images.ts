import type { Split } from '@espalier/core';

/** Up to `limit` of `indices` among `classes`: the first of each class in turn, then the second, and so on. */
export function chooseImages(
  { labels }: Pick<Split, 'labels'>,
  indices: readonly number[],
  { limit, classes }: { readonly limit: number; readonly classes: ReadonlySet<number> },
): number[] {
  const queues = [...classes].sort((a, b) => a - b).map((label) => indices.filter((index) => labels[index] === label));
  const chosen: number[] = [];
  for (let turn = 0; queues.some((queue) => turn < queue.length); turn++) {
    for (const queue of queues) {
      const index = queue[turn];
      if (index !== undefined && chosen.length < limit) chosen.push(index);
    }
    if (chosen.length >= limit) break;
  }
  return chosen.sort((a, b) => labels[a]! - labels[b]! || a - b);
}
