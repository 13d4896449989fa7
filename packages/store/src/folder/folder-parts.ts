import { join } from 'node:path';
import type { StoreParts } from '../care/store-parts.ts';
import { mostBlobBytes } from '../records/key-record.ts';
import { leasesName } from '../records/names.ts';
import type { DiskReader } from './disk-reader.ts';
import { fileLeases } from './file-leases.ts';
import { storeContents } from './folder-contents.ts';
import { storeFolder } from './store-folder.ts';

/** The parts of a store in a folder. Everything throws `files/unreadable`, with the path, for what cannot be read. */
export function folderParts(folder: string, disk?: DiskReader): StoreParts {
  const files = storeFolder(folder, disk);
  return {
    location: folder,
    notesUse: true,
    leases: fileLeases(join(folder, leasesName), { files }),
    contents: async () => storeContents(folder, disk),
    sha256: async ({ path, bytes }) => (bytes > mostBlobBytes ? `${bytes} bytes` : files.sha256(path)),
    async now(file) {
      const found = files.place(file.path);
      return found.is === 'file' ? { ...file, bytes: found.bytes, usedMs: found.usedMs } : undefined;
    },
    remove: async (path) => files.remove(path),
  };
}
