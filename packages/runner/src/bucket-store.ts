import { StudyError } from '@espalier/core';
import type { Bucket } from './bucket.ts';
import { bucketClaims } from './bucket-claims.ts';
import { sha256 } from './canonical-json.ts';
import { declaredPart, isKey } from './keys.ts';
import { formatRecord, isDigest, type KeyRecord, keyOfCheckpoint, parseRecord, type Store } from './store.ts';
import { idIn, newId, noId } from './store-id.ts';

/**
 * A store in a bucket, read through a folder of this machine. What is in the folder is in the bucket, too: it is written
 * there first, and a record after all that it names.
 *
 * @param local the folder; whatever it holds is checked as ever
 * @param location the bucket's URL, without credentials
 */
export function bucketStore(bucket: Bucket, local: Store, location: string): Store {
  /** Blobs that the bucket is known to have. */
  const there = new Map<string, number>();
  const sizeOf = async (digest: string): Promise<number | undefined> => {
    const bytes = there.get(digest) ?? (await bucket.size(blobName(digest)));
    if (bytes !== undefined) there.set(digest, bytes);
    return bytes;
  };

  /** The bucket's record of a key, or what is wrong with it; undefined where there is none. */
  const read = async (key: string): Promise<KeyRecord | string | undefined> => {
    const bytes = isKey(key) ? await bucket.get(recordName(key)) : undefined;
    if (!bytes) return undefined;
    const record = parseRecord(Buffer.from(bytes).toString('utf8'), key);
    if (!record) return `its record ${location}/${recordName(key)} is damaged`;
    const wrong = await Promise.all(
      record.blobs.map(async ({ sha256: digest, bytes: expected }) => {
        const found = isDigest(digest) ? await sizeOf(digest) : undefined;
        if (found === expected) return undefined;
        return `its data ${location}/${blobName(digest)} ${found === undefined ? 'are missing' : `have ${found} bytes, not ${expected}`}`;
      }),
    );
    return wrong.find((text) => text !== undefined) ?? record;
  };
  const record = async (key: string): Promise<KeyRecord | undefined> => {
    const found = (await local.record(key)) ?? (await read(key));
    return typeof found === 'object' ? found : undefined;
  };
  const keysLike = async (key: string): Promise<readonly string[]> => {
    if (!isKey(key)) return [];
    const names = await bucket.list(`keys/${key.slice(0, 2)}/${declaredPart(key)}-`);
    return names.map((name) => name.slice(name.lastIndexOf('/') + 1).replace(/\.json$/, '')).filter(isKey);
  };

  return {
    folder: local.folder,
    location,
    claims: bucketClaims(bucket),
    record,
    used: (key) => local.used(key),
    async id() {
      const known = idIn(await bucket.get('id'));
      if (known !== undefined) return known;
      await bucket.put('id', newId(), true);
      const agreed = idIn(await bucket.get('id'));
      if (agreed !== undefined) return agreed;
      throw noId(`${location}/id`);
    },
    async putRecord(made) {
      const bytes = Buffer.from(formatRecord(made));
      // Of two that made the same, the first one's is kept: others may have read it. A damaged one is replaced.
      const isFirst = await bucket.put(recordName(made.key), bytes, true);
      if (!isFirst && typeof (await read(made.key)) !== 'object') await bucket.put(recordName(made.key), bytes);
      await local.putRecord(made);
    },
    async recordsOfOtherCode(key) {
      const others = (await keysLike(key)).filter((other) => other !== key);
      const records = (await Promise.all(others.map(record))).filter((found) => found !== undefined);
      return records.sort((a, b) => (a.madeAs.at < b.madeAs.at ? 1 : -1));
    },
    async damage(key) {
      const found = await read(key);
      return typeof found === 'string' ? found : undefined;
    },
    async forget(key) {
      const names = await bucket.list(`checkpoints/${key}`);
      const checkpoints = names.filter((name) => keyOfCheckpoint(name.slice('checkpoints/'.length)) === key);
      const records = [key, ...(await keysLike(key))].filter(isKey).map(recordName);
      await Promise.all([...new Set(records), ...checkpoints].map((name) => bucket.remove(name)));
      await local.forget(key);
    },
    async putBlob(bytes) {
      const digest = sha256(bytes);
      if ((await sizeOf(digest)) !== bytes.length) await bucket.put(blobName(digest), bytes);
      there.set(digest, bytes.length);
      return local.putBlob(bytes);
    },
    async blob(digest) {
      const here = await local.blob(digest).catch(undefinedIfDamaged);
      if (here) return here;
      const bytes = isDigest(digest) ? await bucket.get(blobName(digest)) : undefined;
      if (bytes && sha256(bytes) === digest) {
        await local.putBlob(bytes);
        return bytes;
      }
      there.delete(digest);
      if (bytes) await bucket.remove(blobName(digest));
      throw new StudyError(
        'store-corrupt',
        `${location}/${blobName(digest)} ${bytes ? 'does not hold what its name says' : 'is missing'}. ` +
          'The results that need it are computed again: run the study once more.',
      );
    },
    checkpoint(key, stage) {
      const name = `checkpoints/${stage === undefined ? key : `${key}.${stage}`}.safetensors`;
      // Of a training that another machine went on with, the bucket has the later one.
      return {
        read: () => bucket.get(name),
        write: async (bytes) => void (await bucket.put(name, bytes)),
        clear: () => bucket.remove(name),
      };
    },
  };
}

function blobName(digest: string): string {
  return `cas/sha256/${digest.slice(0, 2)}/${digest}`;
}

function recordName(key: string): string {
  return `keys/${key.slice(0, 2)}/${key}.json`;
}

function undefinedIfDamaged(error: unknown): undefined {
  if (!StudyError.is(error) || error.code !== 'store-corrupt') throw error;
}
