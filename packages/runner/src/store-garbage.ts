import { join } from 'node:path';
import { StudyError } from '@espalier/core';
import { fileClaims } from './claims.ts';
import type { DiskReader } from './disk-reader.ts';
import { keyOfCheckpoint, pathsIn } from './store.ts';
import { type StoreContents, type StoredFile, storeContents } from './store-contents.ts';
import { type StoreFolder, storeFolder } from './store-folder.ts';

export interface GarbageOptions {
  /** Also results that no run has used for so long; null keeps all results. */
  readonly unusedForMs: number | null;
  /** Only tell. */
  readonly dry: boolean;
  readonly nowMs: number;
}

/** What became of a clean-up. */
export interface Cleaned {
  /** What was removed, or would be. */
  readonly garbage: readonly StoredFile[];
  /** How many files no store writes; these are left alone. */
  readonly strange: number;
}

// A run writes blobs first and the record that names them last.
const graceMs = 3_600_000;

/**
 * Removes what no result needs: what killed processes left, blobs without a record, checkpoints of what is done.
 *
 * It may be cut short, and runs may go on beside it: records go before what they need, and each file is looked at again
 * just before it goes, for a run that uses a file sets its time.
 *
 * @throws StudyError before anything is removed: `file-unreadable`, with the path, for what cannot be read, and `store-corrupt`
 * where a record is damaged, for nobody knows what it needs
 */
export async function collectGarbage(
  folder: string,
  { unusedForMs, dry, nowMs }: GarbageOptions,
  disk?: DiskReader,
): Promise<Cleaned> {
  const contents = storeContents(folder, disk);
  refuseDoubt(folder, contents);
  const files = storeFolder(folder, disk);
  const garbage: StoredFile[] = [];
  /** Removes a file if it may go, then and now. */
  const drop = (file: StoredFile, mayGo: (file: StoredFile) => boolean): boolean => {
    if (!mayGo(file)) return false;
    if (!dry) {
      const now = files.place(file.path);
      if (now.is !== 'file' || !mayGo({ ...file, usedMs: now.usedMs })) return false;
      files.remove(file.path);
    }
    garbage.push(file);
    return true;
  };
  const isOld = ({ usedMs }: StoredFile): boolean => nowMs - usedMs > graceMs;
  const isUnused = ({ usedMs }: StoredFile): boolean => unusedForMs !== null && nowMs - usedMs > unusedForMs;
  const kept = [...contents.records.values()].filter((file) => !drop(file, isUnused));
  const needed = new Set(kept.flatMap(({ record }) => record?.blobs.map(({ sha256 }) => sha256) ?? []));
  for (const [digest, file] of contents.blobs) if (!needed.has(digest)) drop(file, isOld);
  for (const [name, file] of contents.checkpoints) {
    const record = pathsIn(folder).recordPath(keyOfCheckpoint(name));
    drop(file, (each) => isUnused(each) || files.place(record).is === 'file');
  }
  for (const file of contents.leftovers) drop(file, isOld);
  if (!dry) await dropDeadClaims(folder, contents, files);
  return { garbage, strange: contents.strange.length };
}

/** A record that cannot be read may be all that says which data a result of many hours needs. */
function refuseDoubt(folder: string, { records, misfits, strange }: StoreContents): void {
  const keys = join(folder, 'keys');
  const doubts = [
    ...[...records.values()].flatMap((stored) => (stored.record ? [] : [{ path: stored.path, text: stored.text }])),
    ...misfits.filter(({ path }) => path.startsWith(keys)),
    ...strange
      .filter(({ path }) => path.startsWith(keys) && path.endsWith('.json'))
      .map(({ path }) => ({ path, text: 'is not where a record of its name belongs' })),
  ];
  const [first, ...others] = doubts;
  if (!first) return;
  throw new StudyError(
    'store-corrupt',
    `${first.path} ${first.text}${others.length > 0 ? `, and ${others.length} more like it` : ''}. ` +
      'Nobody knows which data it needs, so nothing was removed. "store verify" names all that is damaged, "store verify --repair" removes that; move away what it calls unknown. Then run gc again.',
  );
}

// Taking a claim succeeds where its owner is dead; giving it up then removes it.
async function dropDeadClaims(folder: string, { claims }: StoreContents, files: StoreFolder): Promise<void> {
  const all = fileClaims(join(folder, 'claims'), { files });
  for (const key of claims) {
    const claim = await all.take(key);
    if (claim.heldBy === null) await claim.release();
  }
}
