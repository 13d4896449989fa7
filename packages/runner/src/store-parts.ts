import { join } from 'node:path';
import { type Claims, fileClaims } from './claims.ts';
import type { DiskReader } from './disk-reader.ts';
import { mostBlobBytes } from './key-record.ts';
import { type StoreContents, type StoredFile, storeContents } from './store-contents.ts';
import { storeFolder } from './store-folder.ts';

/** A store as those see it who look after it: all that is in it, wherever that is. */
export interface StoreParts {
  /** Its folder or URL. */
  readonly location: string;
  /** Whether the time of a record says when a run last used it, not only when it was made. */
  readonly notesUse: boolean;
  readonly claims: Claims;
  /** Reads all records and lists the rest. */
  contents(): Promise<StoreContents>;
  /** SHA-256 of a blob as it is read now; undefined for one that has gone. What is no file has none. */
  sha256(file: StoredFile): Promise<string | undefined>;
  /** A file as it is now; undefined where it has gone, or something else is in its place. */
  now(file: StoredFile): Promise<StoredFile | undefined>;
  remove(path: string): Promise<void>;
}

/** The parts of a store in a folder. Everything throws `files/unreadable`, with the path, for what cannot be read. */
export function folderParts(folder: string, disk?: DiskReader): StoreParts {
  const files = storeFolder(folder, disk);
  return {
    location: folder,
    notesUse: true,
    claims: fileClaims(join(folder, 'claims'), { files }),
    contents: async () => storeContents(folder, disk),
    sha256: async ({ path, bytes }) => (bytes > mostBlobBytes ? `${bytes} bytes` : files.sha256(path)),
    async now(file) {
      const found = files.place(file.path);
      return found.is === 'file' ? { ...file, bytes: found.bytes, usedMs: found.usedMs } : undefined;
    },
    remove: async (path) => files.remove(path),
  };
}
