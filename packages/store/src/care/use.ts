import type { StoreParts } from './store-parts.ts';

/** What one type of node takes of a store. */
export interface StoreUse {
  readonly type: string;
  readonly results: number;
  /** Blobs that several types share count for the first one. */
  readonly bytes: number;
}

/** Where the bytes of a store are, the largest first; then what belongs to no result. */
export async function storeUse(parts: StoreParts): Promise<readonly StoreUse[]> {
  const { records, blobs, checkpoints, leftovers, strange } = await parts.contents();
  const uses = new Map<string, { results: number; bytes: number }>();
  const counted = new Set<string>();
  const add = (type: string, bytes: number): void => {
    const use = uses.get(type) ?? { results: 0, bytes: 0 };
    uses.set(type, { results: use.results + 1, bytes: use.bytes + bytes });
  };
  for (const { record, bytes } of records.values()) {
    const own = record?.blobs.filter(({ sha256: digest }) => !counted.has(digest)) ?? [];
    for (const { sha256: digest } of own) counted.add(digest);
    const sum = own.reduce((total, blob) => total + blob.bytes, bytes);
    add(record?.components.type ?? '(damaged records)', sum);
  }
  for (const [digest, { bytes }] of blobs) if (!counted.has(digest)) add('(blobs without a result)', bytes);
  for (const { bytes } of checkpoints.values()) add('(checkpoints)', bytes);
  for (const { bytes } of leftovers) add('(left by killed processes)', bytes);
  for (const { bytes } of strange) add('(what no store writes)', bytes);
  const isResult = (type: string): number => (type.startsWith('(') ? 1 : 0);
  return [...uses]
    .map(([type, use]) => ({ type, ...use }))
    .sort((a, b) => isResult(a.type) - isResult(b.type) || b.bytes - a.bytes);
}
