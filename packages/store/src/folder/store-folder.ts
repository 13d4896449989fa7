import { rmSync, type Stats } from 'node:fs';
import { dirname, relative } from 'node:path';
import { kindOf } from '@espalier/files';
import { type DiskReader, diskReader } from './disk-reader.ts';
import { folderForFile, notFolder, systemCode, unreadable } from './unreadable.ts';

/** What is in the place of a file of a store. */
export type Place =
  | { readonly is: 'nothing' }
  /** Its size, and when it was written or last used, in milliseconds. */
  | { readonly is: 'file'; readonly bytes: number; readonly usedMs: number }
  /** A link, pipe, socket or device: whoever writes the file puts it in its place. */
  | { readonly is: 'no file'; readonly text: string };

/**
 * A store's folder, read so that only what is not there counts as missing.
 *
 * The folder itself may be a link. What is in it may not: half a store on a drive that is not mounted would look empty.
 */
export interface StoreFolder {
  /** Whether the folder itself is there. */
  isThere(): boolean;
  /** What is at a path itself; undefined for nothing. */
  about(path: string): Stats | undefined;
  /** @throws StudyError `files/unreadable`, with the path, for a folder, a path that leads over a link, and what cannot be looked at */
  place(path: string): Place;
  /** The bytes of a file of at most `most` bytes; what is there instead; undefined for nothing. */
  read(path: string, most: number): Buffer | { readonly text: string } | undefined;
  /** SHA-256 of a file; undefined for anything else. */
  sha256(path: string): string | undefined;
  /** The names in a folder of the store; none where there is none. */
  names(folder: string): readonly string[];
  /** Removes a file, or what is in its place. */
  remove(path: string): void;
}

/**
 * The folder of a store, with checks of what lies in it.
 * @throws StudyError where the folder is a link to nothing or no folder, from its functions
 */
export function storeFolder(root: string, disk: DiskReader = diskReader): StoreFolder {
  const sound = new Set<string>();
  /** Whether a folder of the store is there. */
  const isThere = (folder: string): boolean => {
    if (sound.has(folder)) return true;
    const isRoot = folder === root || relative(root, folder) === '';
    if (!isRoot && !isThere(dirname(folder))) return false;
    const found = present(folder, () => (isRoot ? disk.target(folder) : disk.about(folder)));
    if (!found && isRoot && present(folder, () => disk.about(folder))) throw notFolder(folder, 'a link to nothing');
    if (!found) return false;
    if (!found.isDirectory()) throw notFolder(folder, foundAt(found));
    sound.add(folder);
    return true;
  };
  const about = (path: string): Stats | undefined =>
    isThere(dirname(path)) ? present(path, () => disk.about(path)) : undefined;
  const place = (path: string): Place => {
    const found = about(path);
    if (!found) return { is: 'nothing' };
    if (found.isFile()) return { is: 'file', bytes: found.size, usedMs: found.mtimeMs };
    if (found.isDirectory()) throw folderForFile(path);
    return { is: 'no file', text: `is ${foundAt(found)}, not a file` };
  };
  return {
    isThere: () => isThere(root),
    about,
    place,
    read(path, most) {
      const found = place(path);
      if (found.is === 'nothing') return undefined;
      if (found.is === 'no file') return found;
      const tooLarge = { text: `has ${found.bytes} bytes, more than the ${most} that are read` };
      if (found.bytes > most) return tooLarge;
      return present(path, () => disk.bytes(path, most) ?? tooLarge);
    },
    sha256: (path) => (place(path).is === 'file' ? present(path, () => disk.sha256(path)) : undefined),
    names: (folder) =>
      (isThere(folder) ? present(folder, () => disk.entries(folder))?.map(({ name }) => name) : []) ?? [],
    remove(path) {
      if (place(path).is !== 'nothing') present(path, () => rmSync(path, { force: true }));
    },
  };
}

/** What `read` returns; undefined where there is nothing. */
function present<Value>(path: string, read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw unreadable(error, path);
  }
}

/** What stands at a path, in words. */
export function foundAt(stats: Stats): string {
  return stats.isFile() ? 'a file' : kindOf(stats);
}
