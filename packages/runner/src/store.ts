import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StudyError } from '@espalier/core';
import type { ArtifactRef } from './artifact-kinds.ts';
import { canonicalJson, sha256 } from './canonical-json.ts';
import { type DiskWriter, diskWriter, writeDurably } from './durable-files.ts';
import type { KeyComponents } from './keys.ts';

/** A blob by its content. */
export interface BlobRef {
  readonly sha256: string;
  readonly bytes: number;
}

/** What one instance produced, and all that its key was made of. */
export interface KeyRecord {
  readonly key: string;
  readonly components: KeyComponents;
  readonly outputs: Readonly<Record<string, ArtifactRef>>;
  /** Every blob that the outputs need. */
  readonly blobs: readonly BlobRef[];
  /** The instance's name when it ran, how long it took, and when: for people only. */
  readonly madeAs: { readonly instance: string; readonly at: string; readonly ms: number };
}

/** Content-addressed results. Nothing in it depends on names, paths or times. */
export interface Store {
  readonly folder: string;
  /** The record of `key`, if it is intact and all its blobs are there. */
  record(key: string): Promise<KeyRecord | undefined>;
  /** Written last: a record says that everything it names is on the disk. */
  putRecord(record: KeyRecord): Promise<void>;
  putBlob(bytes: Uint8Array): Promise<BlobRef>;
  /**
   * The bytes of a blob, checked against its name.
   *
   * @throws StudyError `store-corrupt`; a damaged blob is removed, so that the next run computes it again.
   */
  blob(sha256: string): Promise<Uint8Array>;
  /** One file per instance that only matters until the instance is done. */
  checkpoint(key: string): Checkpoints;
}

export interface Checkpoints {
  read(): Promise<Uint8Array | undefined>;
  write(bytes: Uint8Array): Promise<void>;
  clear(): Promise<void>;
}

/** A store in a folder. */
export function folderStore(folder: string, disk: DiskWriter = diskWriter): Store {
  const blobPath = (digest: string) => join(folder, 'cas', 'sha256', digest.slice(0, 2), digest);
  const recordPath = (key: string) => join(folder, 'keys', key.slice(0, 2), `${key}.json`);
  const checkpointPath = (key: string) => join(folder, 'checkpoints', `${key}.safetensors`);
  return {
    folder,
    async record(key) {
      const text = await readIfThere(recordPath(key));
      const record = text && parseRecord(text.toString('utf8'), key);
      if (!record) return undefined;
      for (const { sha256: digest, bytes } of record.blobs) {
        const size = await stat(blobPath(digest)).then(
          ({ size }) => size,
          () => -1,
        );
        if (size !== bytes) return undefined;
      }
      return record;
    },
    putRecord: (record) =>
      writeDurably(recordPath(record.key), Buffer.from(formatRecord(record)), { disk, root: folder }),
    async putBlob(bytes) {
      const digest = sha256(bytes);
      const path = blobPath(digest);
      const size = await stat(path).then(
        ({ size }) => size,
        () => -1,
      );
      if (size !== bytes.length) await writeDurably(path, bytes, { disk, root: folder });
      return { sha256: digest, bytes: bytes.length };
    },
    async blob(digest) {
      const path = blobPath(digest);
      const bytes = await readIfThere(path);
      if (bytes && sha256(bytes) === digest) return bytes;
      await rm(path, { force: true });
      throw new StudyError(
        'store-corrupt',
        `${path} ${bytes ? 'does not hold what its name says' : 'is missing'}. ` +
          'The results that need it are computed again: run the study once more.',
      );
    },
    checkpoint: (key) => ({
      read: () => readIfThere(checkpointPath(key)),
      write: (bytes) => writeDurably(checkpointPath(key), bytes, { disk, root: folder }),
      clear: () => rm(checkpointPath(key), { force: true }),
    }),
  };
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined; // the latter: a file is where the store should be
    throw error;
  }
}

function formatRecord(record: KeyRecord): string {
  return `${JSON.stringify({ checksum: sha256(canonicalJson(record)), record }, undefined, 1)}\n`;
}

// A damaged or foreign record is a miss: the instance runs again and writes a new one.
function parseRecord(text: string, key: string): KeyRecord | undefined {
  try {
    const { checksum, record } = JSON.parse(text) as { checksum: unknown; record: KeyRecord }; // believed after the checksum only
    return record.key === key && sha256(canonicalJson(record)) === checksum ? record : undefined;
  } catch {
    return undefined;
  }
}
