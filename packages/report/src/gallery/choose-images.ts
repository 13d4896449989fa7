import type { Split } from '@espalier/core';

/** Indices of up to `limit` images among `classes`: the first of each class in turn, then the second, and so on. */
export function chooseImages(images: Split, limit: number, classes: ReadonlySet<number>): number[] {
  const queues = [...classes].sort((a, b) => a - b).map((label) => indicesOf(images.labels, label));
  const chosen: number[] = [];
  for (let turn = 0; queues.some((queue) => turn < queue.length); turn++) {
    for (const queue of queues) {
      const index = queue[turn];
      if (index !== undefined && chosen.length < limit) chosen.push(index);
    }
    if (chosen.length >= limit) break;
  }
  return chosen.sort((a, b) => images.labels[a]! - images.labels[b]! || a - b);
}

function indicesOf(labels: readonly number[], label: number): number[] {
  return [...labels.keys()].filter((index) => labels[index] === label);
}
