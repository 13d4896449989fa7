import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../records/canonical-json.ts';
import { type BlobRef, isDigest } from '../records/key-record.ts';
import { blobName } from '../records/names.ts';
import { type Bucket, unlessTooLarge } from './bucket.ts';

/** The blobs of a store in a bucket. */
export interface BucketBlobs {
  /** Writes whatever is there: an object of the same size may be damaged. */
  put(bytes: Uint8Array): Promise<string>;
  /**
   * The bytes of a blob; undefined where there is none, and `damaged` where two readings gave others. The object stays: what was
   * wrong may be this machine or its network.
   */
  get(digest: string): Promise<Uint8Array | 'damaged' | undefined>;
  /** What is wrong with blobs, as far as their sizes tell; undefined when nothing is. */
  problem(blobs: readonly BlobRef[]): Promise<string | undefined>;
  /** What is wrong with a blob when it is read; undefined when nothing is. */
  problemRead(blob: BlobRef): Promise<string | undefined>;
}

const looks = 2;

/**
 * @param location the bucket's URL, for people
 * @param folder of this machine, where it notes which blobs it has read wrong: they are read again before a result that needs
 *   them is believed, by later runs, too, until they are right or put anew
 */
export function bucketBlobs(bucket: Bucket, location: string, folder: string): BucketBlobs {
  /** Bytes of what the bucket is known to have. */
  const sizes = new Map<string, number>();
  const note = (digest: string): string => join(folder, digest);
  const clear = (digest: string): Promise<void> => rm(note(digest), { force: true }).catch(() => {}); // then it is read once more
  const sizeOf = async (digest: string): Promise<number | undefined> => {
    const bytes = sizes.get(digest) ?? (await bucket.size(blobName(digest)));
    if (bytes !== undefined) sizes.set(digest, bytes);
    return bytes;
  };
  const get = async (digest: string, most = sizes.get(digest)): Promise<Uint8Array | 'damaged' | undefined> => {
    if (!isDigest(digest)) return undefined;
    for (let look = 1; look <= looks; look++) {
      const bytes = await unlessTooLarge(bucket.get(blobName(digest), most));
      if (bytes && sha256(bytes) === digest) {
        if (existsSync(note(digest))) await clear(digest);
        sizes.set(digest, bytes.length);
        return bytes;
      }
      sizes.delete(digest);
      if (!bytes) return undefined;
    }
    // Where this machine keeps nothing, its next run finds out for itself.
    await mkdir(folder, { recursive: true })
      .then(() => writeFile(note(digest), ''))
      .catch(() => {});
    return 'damaged';
  };
  const problemRead = async ({ sha256: digest, bytes: expected }: BlobRef): Promise<string | undefined> => {
    const found = await get(digest, expected);
    const name = `its data ${location}/${blobName(digest)}`;
    if (found === undefined) return `${name} are missing`;
    if (found === 'damaged') return `${name} do not hold what their name says`;
    return found.length === expected ? undefined : `${name} have ${found.length} bytes, not ${expected}`;
  };
  const problemOf = async (blob: BlobRef): Promise<string | undefined> => {
    const { sha256: digest, bytes: expected } = blob;
    if (isDigest(digest) && existsSync(note(digest))) return problemRead(blob);
    const found = isDigest(digest) ? await sizeOf(digest) : undefined;
    if (found === expected) return undefined;
    sizes.delete(digest); // looked at again when it is put anew, perhaps by another process
    return `its data ${location}/${blobName(digest)} ${found === undefined ? 'are missing' : `have ${found} bytes, not ${expected}`}`;
  };
  return {
    get: (digest) => get(digest),
    problemRead,
    async put(bytes) {
      const digest = sha256(bytes);
      await bucket.put(blobName(digest), bytes);
      sizes.set(digest, bytes.length);
      await clear(digest);
      return digest;
    },
    async problem(blobs) {
      const found = await Promise.all(blobs.map(problemOf));
      return found.find((text) => text !== undefined);
    },
  };
}
