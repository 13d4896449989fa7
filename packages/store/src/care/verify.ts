import { basename } from 'node:path';
import type { KeyRecord } from '../records/key-record.ts';
import type { StoreContents } from './store-contents.ts';
import type { StoreParts } from './store-parts.ts';

/** Something in a store that is not what it should be. */
export interface Damage {
  readonly path: string;
  readonly text: string;
  /** Whether it may be removed, so that the next run computes it again; a folder may not. */
  readonly isRemovable: boolean;
}

/** What is wrong with a store. */
export interface Verdict {
  readonly damages: readonly Damage[];
  /** Files that no store writes. No run minds them. */
  readonly strange: readonly string[];
}

/**
 * Reads every record and every blob of a store, as a run would. Removes nothing.
 *
 * @throws StudyError with the path or name, for what cannot be read
 */
export async function verifyStore(parts: StoreParts): Promise<Verdict> {
  const contents = await parts.contents();
  const bad = (path: string, text: string): Damage => ({ path, text, isRemovable: true });
  const damages: Damage[] = [];
  const unsound = new Set<string>();
  const folders = new Set(contents.misfits.filter(({ isFolder }) => isFolder).map(({ path }) => basename(path)));
  for (const [digest, file] of contents.blobs) {
    const found = await parts.sha256(file);
    if (found === digest) continue;
    unsound.add(digest); // also one that was removed just now
    if (found !== undefined) damages.push(bad(file.path, 'does not hold what its name says'));
  }
  for (const stored of contents.records.values()) {
    const text = stored.record ? missingBlob(stored.record, contents, unsound, folders) : stored.text;
    if (text !== undefined) damages.push(bad(stored.path, text));
  }
  for (const { path, text, isFolder } of contents.misfits) damages.push({ path, text, isRemovable: !isFolder });
  return { damages, strange: contents.strange.map(({ path }) => path) };
}

/**
 * Why a result cannot be had from what a record names; undefined where all is there.
 *
 * @param folders digests in whose places are folders: these are named themselves, and what is right may come back
 */
function missingBlob(
  { blobs, madeAs }: KeyRecord,
  contents: StoreContents,
  unsound: ReadonlySet<string>,
  folders: ReadonlySet<string>,
): string | undefined {
  for (const { sha256, bytes } of blobs) {
    if (folders.has(sha256)) continue;
    const found = contents.blobs.get(sha256);
    if (!found || unsound.has(sha256)) return `${madeAs.instance} needs the blob ${sha256}, which is not whole`;
    if (found.bytes !== bytes)
      return `${madeAs.instance} needs ${bytes} bytes of the blob ${sha256}, which has ${found.bytes}`;
  }
  return undefined;
}

/**
 * Removes what is damaged, so that the next run computes what needs it again. All is read once more first: bytes may have
 * been damaged on the way here, and a run may have written them anew.
 *
 * @returns what was removed, and what is left because it is a folder
 */
export async function repairStore(
  parts: StoreParts,
  { damages }: Verdict,
): Promise<{ readonly removed: readonly Damage[]; readonly left: readonly Damage[] }> {
  const before = new Set(damages.map(({ path }) => path));
  const still = (await verifyStore(parts)).damages.filter(({ path }) => before.has(path));
  const removed = still.filter(({ isRemovable }) => isRemovable);
  for (const { path } of removed) await parts.remove(path);
  return { removed, left: still.filter(({ isRemovable }) => !isRemovable) };
}
