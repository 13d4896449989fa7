import { dirname, join } from 'node:path';
import { formatRecord, isDigest, type KeyRecord, mostRecordBytes, parseRecord } from '../records/key-record.ts';
import { declaredPart, isKey } from '../records/keys.ts';
import { blobName, checkpointsName, keyOfCheckpoint, recordName } from '../records/names.ts';
import type { Store } from '../store.ts';
import type { StoreFiles } from './store-files.ts';
import { touch } from './touch.ts';

type Records = Pick<Store, 'record' | 'recordsOfOtherCode' | 'damage' | 'forget' | 'used' | 'putRecord'>;

/** The records of a store in a folder. */
export function folderRecords({ folder, files, write }: StoreFiles): Records {
  const checkpoints = join(folder, checkpointsName);
  const likeIt = (key: string): readonly string[] =>
    files
      .names(dirname(join(folder, recordName(key))))
      .filter((name) => name.startsWith(`${declaredPart(key)}-`) && name.endsWith('.json'))
      .map((name) => name.slice(0, -'.json'.length));
  const recordOf = async (key: string): Promise<KeyRecord | undefined> => {
    const found = readRecord(key, { folder, files });
    return typeof found === 'object' ? found : undefined;
  };
  return {
    record: recordOf,
    async recordsOfOtherCode(key) {
      const others = likeIt(key).filter((name) => name !== key);
      const records = (await Promise.all(others.map(recordOf))).filter((record) => record !== undefined);
      return records.sort((a, b) => (a.madeAs.at < b.madeAs.at ? 1 : -1));
    },
    async damage(key) {
      const found = readRecord(key, { folder, files });
      return typeof found === 'string' ? found : undefined;
    },
    async forget(key) {
      for (const name of new Set([key, ...likeIt(key)])) files.remove(join(folder, recordName(name)));
      for (const name of files.names(checkpoints)) {
        if (keyOfCheckpoint(name) === key) files.remove(join(checkpoints, name));
      }
    },
    used: async (key) => void touch(join(folder, recordName(key))),
    putRecord: (record) => write(join(folder, recordName(record.key)), Buffer.from(formatRecord(record))),
  };
}

/** The record of a key, or what is wrong with it; undefined where there is none. */
function readRecord(
  key: string,
  { folder, files }: Pick<StoreFiles, 'folder' | 'files'>,
): KeyRecord | string | undefined {
  const path = join(folder, recordName(key));
  const found = isKey(key) ? files.read(path, mostRecordBytes) : undefined;
  if (!found) return undefined;
  if ('text' in found) return `its record ${path} ${found.text}`;
  const record = parseRecord(found.toString('utf8'), key);
  if (!record) return `its record ${path} is damaged`;
  for (const { sha256: digest, bytes } of record.blobs) {
    if (!isDigest(digest)) return `its record ${path} names a blob "${digest}", which is no SHA-256`;
    const dataPath = join(folder, blobName(digest));
    const data = files.place(dataPath);
    if (data.is === 'nothing') return `its data ${dataPath} are missing`;
    if (data.is === 'no file') return `its data: ${dataPath} ${data.text}`;
    if (data.bytes !== bytes) return `its data ${dataPath} have ${data.bytes} bytes, not ${bytes}`;
  }
  return record;
}
