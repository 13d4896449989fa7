import type { RandomStream } from '@espalier/core';

/** One of `items`, of which there are some. */
export function oneOf<Item>(random: RandomStream, items: readonly Item[]): Item {
  return items[random.integer(items.length)]!;
}

/** The items in another order. */
export function shuffled<Item>(random: RandomStream, items: readonly Item[]): readonly Item[] {
  const left = [...items];
  return items.map(() => left.splice(random.integer(left.length), 1)[0]!);
}

export function bytesOf(random: RandomStream, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, () => random.integer(256));
}
