import { join } from 'node:path';
import { StudyError } from '@espalier/core';
import { idIn, newId, noId } from '../folder/store-id.ts';
import { formatRecord, type KeyRecord, parseRecord } from '../records/key-record.ts';
import { declaredPart, isKey } from '../records/keys.ts';
import { keyOfCheckpoint, type Store } from '../store.ts';
import { type Bucket, unlessTooLarge } from './bucket.ts';
import { blobName, bucketBlobs } from './bucket-blobs.ts';
import { bucketLeases } from './bucket-leases.ts';

// A record that names a hundred thousand blobs is smaller.
const mostRecordBytes = 2 ** 24;
const mostIdBytes = 64;

/**
 * A store in a bucket, read through a folder of this machine. What is in the folder is in the bucket, too: it is written
 * there first, and a record after all that it names.
 *
 * @param local the folder; whatever it holds is checked as ever
 * @param location the bucket's URL, without credentials
 */
export function bucketStore(bucket: Bucket, local: Store, location: string): Store {
  const blobs = bucketBlobs(bucket, location, join(local.folder, 'damaged'));
  /** The bucket's record of a key; a text where what is there is none, also when it is read again. */
  const recordThere = async (key: string): Promise<KeyRecord | string | undefined> => {
    for (let look = 1; isKey(key) && look <= 2; look++) {
      const bytes = await unlessTooLarge(bucket.get(recordName(key), mostRecordBytes));
      if (!bytes) return undefined;
      const record = parseRecord(Buffer.from(bytes).toString('utf8'), key);
      if (record) return record;
    }
    return isKey(key) ? `its record ${location}/${recordName(key)} is damaged` : undefined;
  };
  /** The bucket's record of a key, or what is wrong with it or its data; undefined where there is none. */
  const read = async (key: string): Promise<KeyRecord | string | undefined> => {
    const found = await recordThere(key);
    return typeof found === 'object' ? ((await blobs.problem(found.blobs)) ?? found) : found;
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
    leases: bucketLeases(bucket, undefined, { location }),
    record,
    used: (key) => local.used(key),
    async id() {
      const read = async () => idIn(await unlessTooLarge(bucket.get('id', mostIdBytes)));
      const known = await read();
      if (known !== undefined) return known;
      await bucket.put('id', newId(), true); // or it is there, whoever has put it
      const agreed = await read();
      if (agreed !== undefined) return agreed;
      throw noId(`${location}/id`);
    },
    async putRecord(made) {
      const bytes = Buffer.from(formatRecord(made));
      // Of two that made the same, the first one's is kept: others may have read it. A damaged one is replaced.
      const isFirst = await bucket.put(recordName(made.key), bytes, true);
      const first = isFirst ? made : await read(made.key);
      if (typeof first !== 'object') await bucket.put(recordName(made.key), bytes);
      await local.putRecord(typeof first === 'object' ? first : made);
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
      await blobs.put(bytes);
      return local.putBlob(bytes);
    },
    async blob(digest) {
      const here = await local.blob(digest).catch(undefinedIfDamaged);
      if (here) return here;
      const found = await blobs.get(digest);
      if (typeof found === 'object') {
        await local.putBlob(found);
        return found;
      }
      throw new StudyError(
        'store/corrupt',
        `${location}/${blobName(digest)} ${found === 'damaged' ? 'does not hold what its name says, read twice' : 'is missing'}. ` +
          'The results that need it are computed again: run the study once more.',
      );
    },
    async verify(key) {
      const found = await recordThere(key);
      const known = typeof found === 'object' ? found : await local.record(key);
      if (!known) return typeof found === 'string' ? found : `its record ${location}/${recordName(key)} is missing`;
      for (const blob of known.blobs) {
        const problem = await blobs.problemRead(blob);
        if (problem === undefined) continue;
        const here = await local.blob(blob.sha256).catch(undefinedIfDamaged);
        if (!here) return problem;
        await blobs.put(here);
      }
      if (found !== known) await bucket.put(recordName(key), Buffer.from(formatRecord(known)));
      return undefined;
    },
    hurry: (signal) => bucket.hurry?.(signal),
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

function recordName(key: string): string {
  return `keys/${key.slice(0, 2)}/${key}.json`;
}

function undefinedIfDamaged(error: unknown): undefined {
  if (!StudyError.is(error) || error.code !== 'store/corrupt') throw error;
}
