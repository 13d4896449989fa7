import { join } from 'node:path';
import { mostBlobBytes } from '../records/key-record.ts';
import { checkpointName, leasesName } from '../records/names.ts';
import type { Checkpoints, Store } from '../store.ts';
import type { DiskReader } from './disk-reader.ts';
import { type DiskWriter, diskWriter, writeDurably } from './durable-files.ts';
import { fileLeases } from './file-leases.ts';
import { folderBlobs } from './folder-blobs.ts';
import { folderRecords } from './folder-records.ts';
import type { StoreFiles } from './store-files.ts';
import { storeFolder } from './store-folder.ts';
import { storeIdOf } from './store-id.ts';

/**
 * A store in a folder.
 *
 * Only what is not there counts as missing. What is damaged is computed again; what cannot be read, a folder in the place
 * of a file, and a link in the place of a folder stop whoever meets them.
 *
 * @throws StudyError `files/unreadable` from every method, with the path
 */
export function folderStore(folder: string, disk: DiskWriter = diskWriter, reader?: DiskReader): Store {
  const files = storeFolder(folder, reader);
  const write = async (path: string, bytes: Uint8Array): Promise<void> => {
    files.place(path); // a folder, or a link on the way, is refused before anything is written
    await writeDurably(path, bytes, { disk, root: folder });
  };
  const all: StoreFiles = { folder, files, write };
  return {
    folder,
    location: folder,
    id: () => storeIdOf(folder, files),
    leases: fileLeases(join(folder, leasesName), { files }),
    ...folderRecords(all),
    ...folderBlobs(all),
    checkpoint: (key, stage) => checkpointAt(join(folder, checkpointName(key, stage)), all),
  };
}

function checkpointAt(path: string, { files, write }: StoreFiles): Checkpoints {
  return {
    // What is no file reads as an empty one, which no checkpoint is: training says so and starts over.
    async read() {
      const found = files.read(path, mostBlobBytes);
      return found && 'text' in found ? Buffer.alloc(0) : found;
    },
    write: (bytes) => write(path, bytes),
    clear: async () => files.remove(path),
  };
}
