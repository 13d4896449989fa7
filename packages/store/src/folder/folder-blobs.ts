import { join } from 'node:path';
import { StudyError } from '@espalier/core';
import { sha256 } from '../records/canonical-json.ts';
import { isDigest, mostBlobBytes } from '../records/key-record.ts';
import { blobName } from '../records/names.ts';
import type { Store } from '../store.ts';
import type { StoreFiles } from './store-files.ts';
import { touch } from './touch.ts';

/** The blobs of a store in a folder. */
export function folderBlobs({ folder, files, write }: StoreFiles): Pick<Store, 'putBlob' | 'blob'> {
  /** Whether the file at `path` holds `bytes`. What cannot be read does not: it is written anew. */
  const holds = (path: string, bytes: Uint8Array): boolean => {
    const found = files.place(path);
    if (found.is !== 'file' || found.bytes !== bytes.length) return false;
    try {
      const there = files.read(path, bytes.length);
      return there !== undefined && !('text' in there) && there.equals(bytes);
    } catch {
      return false;
    }
  };
  return {
    async putBlob(bytes) {
      if (bytes.length > mostBlobBytes)
        throw new StudyError(
          'core/not-supported',
          `A part of a result has ${bytes.length} bytes; a store takes parts of at most ${mostBlobBytes}. Compute fewer images or classes at once.`,
        );
      const digest = sha256(bytes);
      const path = join(folder, blobName(digest));
      // A time that cannot be set would let a clean-up take the blob away before its record is there.
      if (!holds(path, bytes) || !touch(path)) await write(path, bytes);
      return { sha256: digest, bytes: bytes.length };
    },
    async blob(digest) {
      // A record or manifest may come from elsewhere: what it names must not lead out of the store.
      if (!isDigest(digest))
        throw new StudyError(
          'store/corrupt',
          `The store ${folder} holds something that names a blob ${JSON.stringify(digest)}; expected the 64 digits of a SHA-256. Run the study with a new store.`,
        );
      const path = join(folder, blobName(digest));
      const found = files.read(path, mostBlobBytes);
      if (found && !('text' in found) && sha256(found) === digest) return found;
      // Bytes may have been damaged on the way here: what is good when it is read again stays.
      const again = files.read(path, mostBlobBytes);
      if (again && !('text' in again) && sha256(again) === digest) return again;
      if (again) files.remove(path);
      throw new StudyError('store/corrupt', `${path} ${wrongWith(again)}. ${computedAgain}`);
    },
  };
}

const computedAgain = 'The results that need it are computed again: run the study once more.';

function wrongWith(found: Buffer | { readonly text: string } | undefined): string {
  if (!found) return 'is missing';
  return 'text' in found ? found.text : 'does not hold what its name says';
}
