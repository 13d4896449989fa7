import { StudyError } from '@espalier/core';
import type { StoreContents, StoredFile, StoredRecord } from '../care/store-contents.ts';
import type { StoreParts } from '../care/store-parts.ts';
import { sha256 } from '../records/canonical-json.ts';
import { isDigest, mostBlobBytes, mostRecordBytes, parseRecord } from '../records/key-record.ts';
import { isKey } from '../records/keys.ts';
import { type Bucket, type BucketEntry, unlessTooLarge } from './bucket.ts';
import { bucketLeases } from './bucket-leases.ts';

const looks = 2;
const atOnce = 8;

/**
 * The parts of a store in a bucket. What is wrong may be this machine's network, so everything is looked at twice: what one
 * of two listings names is there, and bytes are wrong when both readings are.
 *
 * @param location the bucket's URL, without credentials
 * @throws StudyError `core/not-supported` where the bucket does not tell sizes and times; later whatever it says of an object
 */
export function bucketParts(bucket: Bucket, location: string): StoreParts {
  const entries = bucket.entries?.bind(bucket);
  if (!entries) {
    throw new StudyError(
      'core/not-supported',
      `The package for ${location} does not tell sizes and times of objects, which verify, gc and du need. Install a newer one.`,
    );
  }
  const nameOf = (path: string): string => path.slice(location.length + 1);
  const fileOf = ({ name, bytes, putMs }: BucketEntry): StoredFile => {
    return { path: `${location}/${name}`, bytes, usedMs: putMs };
  };
  const now = async ({ path }: StoredFile): Promise<StoredFile | undefined> => {
    const found = (await entries(nameOf(path))).find(({ name }) => name === nameOf(path));
    return found && fileOf(found);
  };
  /** What a record says, or why it is not believed; undefined for one that has gone. */
  const recordOf = async (key: string, file: StoredFile): Promise<StoredRecord | undefined> => {
    let text = '';
    for (let look = 1; look <= looks; look++) {
      const bytes = await unlessTooLarge(bucket.get(nameOf(file.path), mostRecordBytes));
      if (!bytes && !(await now(file))) return undefined;
      const record = bytes && parseRecord(Buffer.from(bytes).toString('utf8'), key);
      if (record) return { ...file, record };
      text = bytes ? 'is damaged: it does not hold what its checksum says' : 'is in the listing, but cannot be read';
    }
    return { ...file, record: undefined, text };
  };
  return {
    location,
    notesUse: false,
    leases: bucketLeases(bucket, undefined, { location }),
    async contents() {
      const sorted = sortedEntries(bothOf(await entries(''), await entries('')), fileOf);
      const found = await inTurns([...sorted.records], ([key, file]) => recordOf(key, file));
      const records = new Map<string, StoredRecord>();
      for (const [at, key] of [...sorted.records.keys()].entries()) {
        const record = found[at];
        if (record) records.set(key, record);
      }
      return { ...sorted, records };
    },
    async sha256({ path, bytes }) {
      const name = nameOf(path);
      let found: string | undefined;
      for (let look = 1; look <= looks; look++) {
        const read = await unlessTooLarge(bucket.get(name, Math.min(bytes, mostBlobBytes)));
        found = read && sha256(read);
        if (found !== undefined && name.endsWith(found)) break;
      }
      return found;
    },
    now,
    remove: (path) => bucket.remove(nameOf(path)),
  };
}

/** What either of two listings names, with the later time. */
function bothOf(one: readonly BucketEntry[], other: readonly BucketEntry[]): readonly BucketEntry[] {
  const all = new Map(one.map((entry) => [entry.name, entry]));
  for (const entry of other) {
    const known = all.get(entry.name);
    all.set(entry.name, { ...entry, putMs: Math.max(entry.putMs, known?.putMs ?? 0) });
  }
  return [...all.values()];
}

interface Sorted extends Omit<StoreContents, 'records'> {
  readonly records: ReadonlyMap<string, StoredFile>;
}

function sortedEntries(entries: readonly BucketEntry[], fileOf: (entry: BucketEntry) => StoredFile): Sorted {
  const records = new Map<string, StoredFile>();
  const blobs = new Map<string, StoredFile>();
  const checkpoints = new Map<string, StoredFile>();
  const leases: string[] = [];
  const strange: StoredFile[] = [];
  for (const entry of [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const { name } = entry;
    const [, folder, key = ''] = /^keys\/(..)\/(.+)\.json$/.exec(name) ?? [];
    const [, part, digest] = /^cas\/sha256\/(..)\/(.+)$/.exec(name) ?? [];
    const checkpoint = /^checkpoints\/([^./][^/]*)\.safetensors$/.exec(name)?.[1];
    const lease = /^leases\/([^./]+)$/.exec(name)?.[1];
    if (isKey(key) && folder === key.slice(0, 2)) records.set(key, fileOf(entry));
    else if (isDigest(digest) && part === digest.slice(0, 2)) blobs.set(digest, fileOf(entry));
    else if (checkpoint !== undefined) checkpoints.set(checkpoint, fileOf(entry));
    else if (lease !== undefined) leases.push(lease);
    else if (name !== 'id') strange.push(fileOf(entry));
  }
  return { records, blobs, checkpoints, leases, strange, leftovers: [], misfits: [] };
}

/** What comes of all items, in their order; some are worked on at once. */
async function inTurns<Item, Value>(
  items: readonly Item[],
  work: (item: Item) => Promise<Value>,
): Promise<readonly Value[]> {
  const values: Value[] = [];
  const rest = items.entries(); // shared: each takes the next one
  const worker = async (): Promise<void> => {
    for (const [at, item] of rest) values[at] = await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return values;
}
