import { utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StudyError } from '@espalier/core';
import { sha256 } from '../records/canonical-json.ts';
import {
  formatRecord,
  isDigest,
  type KeyRecord,
  mostBlobBytes,
  mostRecordBytes,
  parseRecord,
} from '../records/key-record.ts';
import { declaredPart, isKey } from '../records/keys.ts';
import { keyOfCheckpoint, type Store } from '../store.ts';
import type { DiskReader } from './disk-reader.ts';
import { type DiskWriter, diskWriter, writeDurably } from './durable-files.ts';
import { fileLeases } from './file-leases.ts';
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
  const { blobPath, recordPath, checkpointPath, checkpoints } = pathsIn(folder);
  const write = async (path: string, bytes: Uint8Array): Promise<void> => {
    files.place(path); // a folder, or a link on the way, is refused before anything is written
    await writeDurably(path, bytes, { disk, root: folder });
  };
  const likeIt = (key: string): readonly string[] =>
    files
      .names(dirname(recordPath(key)))
      .filter((name) => name.startsWith(`${declaredPart(key)}-`) && name.endsWith('.json'))
      .map((name) => name.slice(0, -'.json'.length));
  /** The record of a key, or what is wrong with it; undefined where there is none. */
  const read = (key: string): KeyRecord | string | undefined => {
    const path = recordPath(key);
    const found = isKey(key) ? files.read(path, mostRecordBytes) : undefined;
    if (!found) return undefined;
    if ('text' in found) return `its record ${path} ${found.text}`;
    const record = parseRecord(found.toString('utf8'), key);
    if (!record) return `its record ${path} is damaged`;
    for (const { sha256: digest, bytes } of record.blobs) {
      if (!isDigest(digest)) return `its record ${path} names a blob "${digest}", which is no SHA-256`;
      const data = files.place(blobPath(digest));
      if (data.is === 'nothing') return `its data ${blobPath(digest)} are missing`;
      if (data.is === 'no file') return `its data: ${blobPath(digest)} ${data.text}`;
      if (data.bytes !== bytes) return `its data ${blobPath(digest)} have ${data.bytes} bytes, not ${bytes}`;
    }
    return record;
  };
  const recordOf = async (key: string): Promise<KeyRecord | undefined> => {
    const found = read(key);
    return typeof found === 'object' ? found : undefined;
  };
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
    folder,
    location: folder,
    id: () => storeIdOf(folder, files),
    leases: fileLeases(join(folder, 'leases'), { files }),
    record: recordOf,
    async recordsOfOtherCode(key) {
      const others = likeIt(key).filter((name) => name !== key);
      const records = (await Promise.all(others.map(recordOf))).filter((record) => record !== undefined);
      return records.sort((a, b) => (a.madeAs.at < b.madeAs.at ? 1 : -1));
    },
    async damage(key) {
      const found = read(key);
      return typeof found === 'string' ? found : undefined;
    },
    async forget(key) {
      for (const name of new Set([key, ...likeIt(key)])) files.remove(recordPath(name));
      for (const name of files.names(checkpoints)) {
        if (keyOfCheckpoint(name) === key) files.remove(join(checkpoints, name));
      }
    },
    used: async (key) => void touch(recordPath(key)),
    putRecord: (record) => write(recordPath(record.key), Buffer.from(formatRecord(record))),
    async putBlob(bytes) {
      if (bytes.length > mostBlobBytes)
        throw new StudyError(
          'core/not-supported',
          `A part of a result has ${bytes.length} bytes; a store takes parts of at most ${mostBlobBytes}. Compute fewer images or classes at once.`,
        );
      const digest = sha256(bytes);
      const path = blobPath(digest);
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
      const path = blobPath(digest);
      const found = files.read(path, mostBlobBytes);
      if (found && !('text' in found) && sha256(found) === digest) return found;
      // Bytes may have been damaged on the way here: what is good when it is read again stays.
      const again = files.read(path, mostBlobBytes);
      if (again && !('text' in again) && sha256(again) === digest) return again;
      if (again) files.remove(path);
      throw new StudyError('store/corrupt', `${path} ${wrongWith(again)}. ${computedAgain}`);
    },
    checkpoint: (key, stage) => ({
      // What is no file reads as an empty one, which no checkpoint is: training says so and starts over.
      async read() {
        const found = files.read(checkpointPath(key, stage), mostBlobBytes);
        return found && 'text' in found ? Buffer.alloc(0) : found;
      },
      write: (bytes) => write(checkpointPath(key, stage), bytes),
      clear: async () => files.remove(checkpointPath(key, stage)),
    }),
  };
}

const computedAgain = 'The results that need it are computed again: run the study once more.';

function wrongWith(found: Buffer | { readonly text: string } | undefined): string {
  if (!found) return 'is missing';
  return 'text' in found ? found.text : 'does not hold what its name says';
}

/** Where the files of a store are. */
export function pathsIn(folder: string) {
  const checkpoints = join(folder, 'checkpoints');
  return {
    blobPath: (digest: string) => join(folder, 'cas', 'sha256', digest.slice(0, 2), digest),
    recordPath: (key: string) => join(folder, 'keys', key.slice(0, 2), `${key}.json`),
    checkpoints,
    checkpointPath: (key: string, stage?: string) =>
      join(checkpoints, `${stage === undefined ? key : `${key}.${stage}`}.safetensors`),
  };
}

/** Sets when a file was last used; false where that is refused. A store that may only be read keeps its times. */
function touch(path: string): boolean {
  const now = new Date();
  try {
    utimesSync(path, now, now);
    return true;
  } catch {
    return false;
  }
}
