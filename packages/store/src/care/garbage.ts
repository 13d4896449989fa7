import { StudyError } from '@espalier/core';
import { keyOfCheckpoint } from '../records/names.ts';
import type { StoreContents, StoredFile } from './store-contents.ts';
import type { StoreParts } from './store-parts.ts';

/** What a clean-up takes. */
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
 * @throws StudyError before anything is removed: with the path or name, for what cannot be read; `store/corrupt` where a record is
 * damaged, for nobody knows what it needs; `core/not-supported` for unused results of a store that does not note uses
 */
export async function collectGarbage(parts: StoreParts, { unusedForMs, dry, nowMs }: GarbageOptions): Promise<Cleaned> {
  if (unusedForMs !== null && !parts.notesUse) throw usesUnknown(parts.location);
  const contents = await parts.contents();
  refuseDoubt(parts.location, contents);
  const garbage: StoredFile[] = [];
  /** Removes a file if it may go, then and now. */
  const drop = async (file: StoredFile, mayGo: (file: StoredFile) => boolean): Promise<boolean> => {
    if (!mayGo(file)) return false;
    if (!dry) {
      const now = await parts.now(file);
      if (!now || !mayGo(now)) return false;
      await parts.remove(file.path);
    }
    garbage.push(file);
    return true;
  };
  const isOld = ({ usedMs }: StoredFile): boolean => nowMs - usedMs > graceMs;
  const isUnused = ({ usedMs }: StoredFile): boolean => unusedForMs !== null && nowMs - usedMs > unusedForMs;
  const needed = new Set<string>();
  const kept = new Set<string>();
  for (const [key, file] of contents.records) {
    if (await drop(file, isUnused)) continue;
    kept.add(key);
    for (const { sha256 } of file.record?.blobs ?? []) needed.add(sha256);
  }
  for (const [digest, file] of contents.blobs) if (!needed.has(digest)) await drop(file, isOld);
  for (const [name, file] of contents.checkpoints) {
    await drop(file, (each) => isUnused(each) || kept.has(keyOfCheckpoint(name)));
  }
  for (const file of contents.leftovers) await drop(file, isOld);
  if (!dry) await dropDeadLeases(parts, contents);
  return { garbage, strange: contents.strange.length };
}

function usesUnknown(location: string): StudyError {
  return new StudyError(
    'core/not-supported',
    `${location} does not note when a result was last used, only when it was made. Run gc without --unused-for; to remove results, remove objects.`,
  );
}

/** A record that cannot be read may be all that says which data a result of many hours needs. */
function refuseDoubt(location: string, { records, misfits, strange }: StoreContents): void {
  const isRecord = (path: string): boolean => /^[\\/]keys[\\/]/.test(path.slice(location.length));
  const doubts = [
    ...[...records.values()].flatMap((stored) => (stored.record ? [] : [{ path: stored.path, text: stored.text }])),
    ...misfits.filter(({ path }) => isRecord(path)),
    ...strange
      .filter(({ path }) => isRecord(path) && path.endsWith('.json'))
      .map(({ path }) => ({ path, text: 'is not where a record of its name belongs' })),
  ];
  const [first, ...others] = doubts;
  if (!first) return;
  throw new StudyError(
    'store/corrupt',
    `${first.path} ${first.text}${others.length > 0 ? `, and ${others.length} more like it` : ''}. ` +
      'Nobody knows which data it needs, so nothing was removed. "store verify" names all that is damaged, "store verify --repair" removes that; move away what it calls unknown. Then run gc again.',
  );
}

// Taking a lease succeeds where its owner is dead; giving it up then removes it.
async function dropDeadLeases({ leases }: StoreParts, { leases: keys }: StoreContents): Promise<void> {
  for (const key of keys) {
    const lease = await leases.take(key);
    if (lease.heldBy === null) await lease.release();
  }
}
