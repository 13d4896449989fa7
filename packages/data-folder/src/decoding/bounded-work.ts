import { availableParallelism } from 'node:os';

// Decoding waits on the thread pool; a few more than there are cores keep it busy without holding many files.
const most = Math.min(16, 2 * availableParallelism());

/** Runs `work` on every item, a bounded number at once. */
export async function forEachBounded<Item>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      await work(items[index]!, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
}
