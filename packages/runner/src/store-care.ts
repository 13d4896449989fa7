import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from './canonical-json.ts';
import { fileClaims } from './claims.ts';
import { keyOfCheckpoint } from './store.ts';
import { type StoreContents, type StoredFile, storeContents } from './store-contents.ts';

/** Something in a store that is not what it should be. */
export interface Damage {
  readonly path: string;
  readonly text: string;
}

/**
 * Reads every record and every blob of a store.
 *
 * @param repair takes damaged files away, so that the next run computes what needs them again
 */
export async function verifyStore(folder: string, repair: boolean): Promise<readonly Damage[]> {
  const { records, blobs } = await storeContents(folder);
  const damages: Damage[] = [];
  const bad = async (path: string, text: string): Promise<void> => {
    damages.push({ path, text });
    if (repair) await rm(path, { force: true });
  };
  const unsound = new Set<string>();
  for (const [digest, { path }] of blobs) {
    if (sha256(await readFile(path)) === digest) continue;
    unsound.add(digest);
    await bad(path, 'does not hold what its name says');
  }
  for (const { path, record } of records.values()) {
    const missing = record?.blobs.find(({ sha256: digest }) => !blobs.has(digest) || unsound.has(digest));
    if (!record) await bad(path, 'is damaged: it does not hold what its checksum says');
    else if (missing) await bad(path, `${record.madeAs.instance} needs the blob ${missing.sha256}, which is not whole`);
  }
  return damages;
}

export interface GarbageOptions {
  /** Also results that no run has used for so long; null keeps all results. */
  readonly unusedForMs: number | null;
  /** Only tell. */
  readonly dry: boolean;
  readonly nowMs: number;
}

// A run writes blobs first and the record that names them last.
const graceMs = 3_600_000;

/** Removes what no result needs: what killed processes left, blobs without a record, checkpoints of what is done. */
export async function collectGarbage(
  folder: string,
  { unusedForMs, dry, nowMs }: GarbageOptions,
): Promise<readonly StoredFile[]> {
  const contents = await storeContents(folder);
  const isOld = ({ usedMs }: StoredFile): boolean => nowMs - usedMs > graceMs;
  const isUnused = ({ usedMs }: StoredFile): boolean => unusedForMs !== null && nowMs - usedMs > unusedForMs;
  const records = [...contents.records.values()].filter((file) => isUnused(file) || !file.record);
  const kept = [...contents.records.values()].filter((file) => !records.includes(file));
  const needed = new Set(kept.flatMap(({ record }) => record!.blobs.map(({ sha256: digest }) => digest)));
  const blobs = [...contents.blobs].filter(([digest, file]) => !needed.has(digest) && isOld(file));
  const checkpoints = [...contents.checkpoints].filter(
    ([name, file]) => contents.records.get(keyOfCheckpoint(name))?.record || isUnused(file),
  );
  const garbage: StoredFile[] = [
    ...records,
    ...blobs.map(([, file]) => file),
    ...checkpoints.map(([, file]) => file),
    ...contents.leftovers.filter(isOld),
  ];
  if (dry) return garbage;
  for (const { path } of garbage) await rm(path, { force: true });
  await dropDeadClaims(folder, contents);
  return garbage;
}

// Taking a claim succeeds where its owner is dead; giving it up then removes it.
async function dropDeadClaims(folder: string, { claims }: StoreContents): Promise<void> {
  const all = fileClaims(join(folder, 'claims'));
  for (const key of claims) {
    const claim = await all.take(key);
    if (claim.heldBy === null) await claim.release();
  }
}

/** What one type of node takes of a store. */
export interface StoreUse {
  readonly type: string;
  readonly results: number;
  /** Blobs that several types share count for the first one. */
  readonly bytes: number;
}

/** Where the bytes of a store are, the largest first; then what belongs to no result. */
export async function storeUse(folder: string): Promise<readonly StoreUse[]> {
  const { records, blobs, checkpoints, leftovers } = await storeContents(folder);
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
  const isResult = (type: string): number => (type.startsWith('(') ? 1 : 0);
  return [...uses]
    .map(([type, use]) => ({ type, ...use }))
    .sort((a, b) => isResult(a.type) - isResult(b.type) || b.bytes - a.bytes);
}
