import { readFileSync, statSync, utimesSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StudyError } from '@espalier/core';
import type { ArtifactRef } from './artifact-kinds.ts';
import { canonicalJson, sha256 } from './canonical-json.ts';
import { type Claims, fileClaims } from './claims.ts';
import { type DiskWriter, diskWriter, writeDurably } from './durable-files.ts';
import { declaredPart, isKey, type KeyComponents } from './keys.ts';
import { storeIdOf } from './store-id.ts';

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
  /** The folder of this machine that holds it, or what has been read of it. */
  readonly folder: string;
  /** What opens it again: its folder, or a URL. */
  readonly location: string;
  /** 16 digits that are the same wherever it is mounted, and no other store's. */
  id(): Promise<string>;
  /** The record of `key`, if it is intact and all its blobs are there. */
  record(key: string): Promise<KeyRecord | undefined>;
  /** Notes that a result is used, for those who clean up what nobody uses. */
  used(key: string): Promise<void>;
  /** Written last: a record says that everything it names is on the disk. */
  putRecord(record: KeyRecord): Promise<void>;
  /** Intact records of the same declared method and other code than `key`, the newest first. */
  recordsOfOtherCode(key: string): Promise<readonly KeyRecord[]>;
  /** Why the record of `key` is not believed, although there is one. */
  damage(key: string): Promise<string | undefined>;
  /** Takes away what is recorded for `key`, whatever its code; its data stay. */
  forget(key: string): Promise<void>;
  putBlob(bytes: Uint8Array): Promise<BlobRef>;
  /**
   * The bytes of a blob, checked against its name.
   *
   * @throws StudyError `store-corrupt`; a damaged blob is removed, so that the next run computes it again.
   */
  blob(sha256: string): Promise<Uint8Array>;
  /**
   * Reads all of the result of `key` where other machines read it, and puts there again what this machine has whole: what is
   * wrong then, undefined when nothing is. Only of stores that are read through a folder of each machine.
   */
  verify?(key: string): Promise<string | undefined>;
  /** From when `signal` is aborted, no other machine is waited for longer than some seconds. */
  hurry?(signal: AbortSignal): void;
  /** One file per instance that only matters until the instance is done; one per `stage` where it trains in several. */
  checkpoint(key: string, stage?: string): Checkpoints;
  /** Who computes what, among the runs on this store. */
  readonly claims: Claims;
}

export interface Checkpoints {
  read(): Promise<Uint8Array | undefined>;
  write(bytes: Uint8Array): Promise<void>;
  clear(): Promise<void>;
}

/** The key of the instance that a checkpoint, named by key and stage, belongs to. */
export function keyOfCheckpoint(name: string): string {
  return name.split('.')[0]!;
}

/** A store in a folder. */
export function folderStore(folder: string, disk: DiskWriter = diskWriter): Store {
  const blobPath = (digest: string) => join(folder, 'cas', 'sha256', digest.slice(0, 2), digest);
  const recordPath = (key: string) => join(folder, 'keys', key.slice(0, 2), `${key}.json`);
  const checkpoints = join(folder, 'checkpoints');
  const checkpointPath = (key: string, stage?: string) =>
    join(checkpoints, `${stage === undefined ? key : `${key}.${stage}`}.safetensors`);
  const likeIt = async (key: string): Promise<readonly string[]> => {
    const names = await readdir(dirname(recordPath(key))).catch(() => []);
    return names
      .filter((name) => name.startsWith(`${declaredPart(key)}-`) && name.endsWith('.json'))
      .map((name) => name.slice(0, -'.json'.length));
  };
  /** The record of a key, or what is wrong with it; undefined where there is none. */
  const read = (key: string): KeyRecord | string | undefined => {
    const text = isKey(key) ? readIfThere(recordPath(key)) : undefined;
    if (!text) return undefined;
    const record = parseRecord(text.toString('utf8'), key);
    if (!record) return `its record ${recordPath(key)} is damaged`;
    for (const { sha256: digest, bytes } of record.blobs) {
      if (!isDigest(digest)) return `its record ${recordPath(key)} names a blob "${digest}", which is no SHA-256`;
      const size = sizeOf(blobPath(digest));
      if (size < 0) return `its data ${blobPath(digest)} are missing`;
      if (size !== bytes) return `its data ${blobPath(digest)} have ${size} bytes, not ${bytes}`;
    }
    return record;
  };
  const recordOf = async (key: string): Promise<KeyRecord | undefined> => {
    const found = read(key);
    return typeof found === 'object' ? found : undefined;
  };
  return {
    folder,
    location: folder,
    id: () => storeIdOf(folder),
    claims: fileClaims(join(folder, 'claims')),
    record: recordOf,
    async recordsOfOtherCode(key) {
      const others = (await likeIt(key)).filter((name) => name !== key);
      const records = (await Promise.all(others.map(recordOf))).filter((record) => record !== undefined);
      return records.sort((a, b) => (a.madeAs.at < b.madeAs.at ? 1 : -1));
    },
    async damage(key) {
      const found = read(key);
      return typeof found === 'string' ? found : undefined;
    },
    async forget(key) {
      for (const name of new Set([key, ...(await likeIt(key))])) await rm(recordPath(name), { force: true });
      const names = await readdir(checkpoints).catch(() => []);
      for (const name of names.filter((each) => keyOfCheckpoint(each) === key)) {
        await rm(join(checkpoints, name), { force: true });
      }
    },
    used: async (key) => touch(recordPath(key)),
    putRecord: (record) =>
      writeDurably(recordPath(record.key), Buffer.from(formatRecord(record)), { disk, root: folder }),
    async putBlob(bytes) {
      const digest = sha256(bytes);
      const path = blobPath(digest);
      const size = sizeOf(path);
      if (size === bytes.length) touch(path);
      else await writeDurably(path, bytes, { disk, root: folder });
      return { sha256: digest, bytes: bytes.length };
    },
    async blob(digest) {
      // A record or manifest may come from elsewhere: what it names must not lead out of the store.
      if (!isDigest(digest))
        throw new StudyError(
          'store-corrupt',
          `The store ${folder} holds something that names a blob ${JSON.stringify(digest)}; expected the 64 digits of a SHA-256. Run the study with a new store.`,
        );
      const path = blobPath(digest);
      const bytes = readIfThere(path);
      if (bytes && sha256(bytes) === digest) return bytes;
      await rm(path, { force: true });
      throw new StudyError(
        'store-corrupt',
        `${path} ${bytes ? 'does not hold what its name says' : 'is missing'}. ` +
          'The results that need it are computed again: run the study once more.',
      );
    },
    checkpoint: (key, stage) => ({
      read: async () => readIfThere(checkpointPath(key, stage)),
      write: (bytes) => writeDurably(checkpointPath(key, stage), bytes, { disk, root: folder }),
      clear: () => rm(checkpointPath(key, stage), { force: true }),
    }),
  };
}

/** Whether `text` can name a blob: it becomes part of a path. */
export function isDigest(text: unknown): text is string {
  return typeof text === 'string' && /^[0-9a-f]{64}$/.test(text);
}

// Its time is when it was last used. A store that may only be read keeps its times.
function touch(path: string): void {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch {}
}

// Most of what is read is small and there is much of it: the way to a thread and back would cost more than the reading.
function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    return undefinedIfMissing(error);
  }
}

function undefinedIfMissing(error: unknown): undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return undefined; // the latter: a file is where the store should be
  throw error;
}

/** Bytes of a file; -1 where there is none. */
function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return -1;
  }
}

export function formatRecord(record: KeyRecord): string {
  return `${JSON.stringify({ checksum: sha256(canonicalJson(record)), record }, undefined, 1)}\n`;
}

/** A record as it was written; undefined for a damaged or foreign one, which is a miss: the instance runs again. */
export function parseRecord(text: string, key: string): KeyRecord | undefined {
  try {
    const { checksum, record } = JSON.parse(text) as { checksum: unknown; record: KeyRecord }; // believed after the checksum only
    return record.key === key && sha256(canonicalJson(record)) === checksum ? record : undefined;
  } catch {
    return undefined;
  }
}
