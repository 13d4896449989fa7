import { formatRecord, type KeyRecord, parseRecord } from '../records/key-record.ts';
import { declaredPart, isKey } from '../records/keys.ts';
import { checkpointsName, keyOfCheckpoint, recordName } from '../records/names.ts';
import type { Store } from '../store.ts';
import { type Bucket, unlessTooLarge } from './bucket.ts';
import type { BucketBlobs } from './bucket-blobs.ts';

// A record that names a hundred thousand blobs is smaller.
const mostRecordBytes = 2 ** 24;

type Records = Pick<Store, 'record' | 'recordsOfOtherCode' | 'damage' | 'forget' | 'putRecord'>;

/** A bucket, and the store in a folder of this machine that it is read through. */
export interface ReadThrough {
  readonly bucket: Bucket;
  readonly local: Store;
  /** The bucket's URL, without credentials. */
  readonly location: string;
  readonly blobs: BucketBlobs;
}

/** The records of a store in a bucket. */
export function bucketRecords(through: ReadThrough): Records {
  const { bucket, local, blobs } = through;
  /** The bucket's record of a key, or what is wrong with it or its data; undefined where there is none. */
  const read = async (key: string): Promise<KeyRecord | string | undefined> => {
    const found = await recordThere(key, through);
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
    record,
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
      const names = await bucket.list(`${checkpointsName}/${key}`);
      const checkpoints = names.filter((name) => keyOfCheckpoint(name.slice(checkpointsName.length + 1)) === key);
      const records = [key, ...(await keysLike(key))].filter(isKey).map(recordName);
      await Promise.all([...new Set(records), ...checkpoints].map((name) => bucket.remove(name)));
      await local.forget(key);
    },
  };
}

/** The bucket's record of a key; a text where what is there is none, also when it is read again. */
export async function recordThere(
  key: string,
  { bucket, location }: Pick<ReadThrough, 'bucket' | 'location'>,
): Promise<KeyRecord | string | undefined> {
  for (let look = 1; isKey(key) && look <= 2; look++) {
    const bytes = await unlessTooLarge(bucket.get(recordName(key), mostRecordBytes));
    if (!bytes) return undefined;
    const record = parseRecord(Buffer.from(bytes).toString('utf8'), key);
    if (record) return record;
  }
  return isKey(key) ? `its record ${location}/${recordName(key)} is damaged` : undefined;
}
