import { join } from 'node:path';
import { StudyError } from '@espalier/core';
import { idIn, newId, noId } from '../folder/store-id.ts';
import { formatRecord } from '../records/key-record.ts';
import { blobName, checkpointName, recordName } from '../records/names.ts';
import type { Checkpoints, Store } from '../store.ts';
import { type Bucket, unlessTooLarge } from './bucket.ts';
import { bucketBlobs } from './bucket-blobs.ts';
import { bucketLeases } from './bucket-leases.ts';
import { bucketRecords, type ReadThrough, recordThere } from './bucket-records.ts';

const mostIdBytes = 64;

/**
 * A store in a bucket, read through a folder of this machine. What is in the folder is in the bucket, too: it is written
 * there first, and a record after all that it names.
 *
 * @param local the folder; whatever it holds is checked as ever
 * @param location the bucket's URL, without credentials
 */
export function bucketStore(bucket: Bucket, local: Store, location: string): Store {
  const through = { bucket, local, location, blobs: bucketBlobs(bucket, location, join(local.folder, 'damaged')) };
  return {
    folder: local.folder,
    location,
    leases: bucketLeases(bucket, undefined, { location }),
    ...bucketRecords(through),
    ...blobsThrough(through),
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
    verify: (key) => verified(key, through),
    hurry: (signal) => bucket.hurry?.(signal),
    checkpoint: (key, stage) => checkpointIn(bucket, checkpointName(key, stage)),
  };
}

function blobsThrough({ local, location, blobs }: ReadThrough): Pick<Store, 'putBlob' | 'blob'> {
  return {
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
  };
}

// Of a training that another machine went on with, the bucket has the later one.
function checkpointIn(bucket: Bucket, name: string): Checkpoints {
  return {
    read: () => bucket.get(name),
    write: async (bytes) => void (await bucket.put(name, bytes)),
    clear: () => bucket.remove(name),
  };
}

/** Puts what the bucket lacks there again; what stays wrong. */
async function verified(key: string, { bucket, local, location, blobs }: ReadThrough): Promise<string | undefined> {
  const found = await recordThere(key, { bucket, location });
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
}

function undefinedIfDamaged(error: unknown): undefined {
  if (!StudyError.is(error) || error.code !== 'store/corrupt') throw error;
}
