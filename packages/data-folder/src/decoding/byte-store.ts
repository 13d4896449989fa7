import type { PixelImage } from '@espalier/core';

/** Decoded images kept in memory up to a number of bytes. */
export interface ByteStore {
  get(key: string): PixelImage | undefined;
  /** Keeps `image` if there is still room. */
  add(key: string, image: PixelImage): void;
}

/**
 * A store that keeps what comes first and never evicts.
 *
 * Training reads every image once per epoch in a new order. Then a store that holds a part of the images serves that
 * part in every epoch, where dropping the least recently used one would serve less.
 */
export function byteStore(capacity: number): ByteStore {
  const kept = new Map<string, PixelImage>();
  let free = capacity;
  return {
    get: (key) => kept.get(key),
    add(key, image) {
      if (kept.has(key) || image.data.byteLength > free) return;
      free -= image.data.byteLength;
      kept.set(key, image);
    },
  };
}
