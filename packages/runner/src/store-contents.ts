import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isDigest, type KeyRecord, parseRecord } from './store.ts';

/** A file of a store. */
export interface StoredFile {
  readonly path: string;
  readonly bytes: number;
  /** When it was written or last used, in milliseconds. */
  readonly usedMs: number;
}

/** Everything in the folder of a store. */
export interface StoreContents {
  /** By key; the record is undefined where it is damaged. */
  readonly records: ReadonlyMap<string, StoredFile & { readonly record: KeyRecord | undefined }>;
  /** By digest. */
  readonly blobs: ReadonlyMap<string, StoredFile>;
  /** By the key of the instance that was cut short. */
  readonly checkpoints: ReadonlyMap<string, StoredFile>;
  /** Keys that a run has claimed, dead or alive. */
  readonly claims: readonly string[];
  /** What a killed process was writing, and files that no store writes. */
  readonly leftovers: readonly StoredFile[];
}

/** Reads the records of a store and lists its other files; a folder that is not there is empty. */
export async function storeContents(folder: string): Promise<StoreContents> {
  const leftovers: StoredFile[] = [];
  const named = async (part: string, nameOf: (file: string) => string | undefined) => {
    const found = new Map<string, StoredFile>();
    for (const { name, file } of await filesUnder(join(folder, part))) {
      const key = nameOf(name);
      if (key === undefined) leftovers.push(file);
      else found.set(key, file);
    }
    return found;
  };
  const records = new Map<string, StoredFile & { readonly record: KeyRecord | undefined }>();
  for (const [key, file] of await named('keys', withoutEnd('.json'))) {
    const text = await readFile(file.path, 'utf8').catch(() => ''); // removed just now, by another process
    records.set(key, { ...file, record: parseRecord(text, key) });
  }
  const blobs = await named('cas', (name) => (isDigest(name) ? name : undefined));
  const checkpoints = await named('checkpoints', withoutEnd('.safetensors'));
  const claims = await named('claims', (name) => (name.includes('.') ? undefined : name));
  return { records, blobs, checkpoints, claims: [...claims.keys()], leftovers };
}

function withoutEnd(end: string): (name: string) => string | undefined {
  return (name) => (name.endsWith(end) && !name.startsWith('.') ? name.slice(0, -end.length) : undefined);
}

async function filesUnder(folder: string): Promise<{ readonly name: string; readonly file: StoredFile }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const found = await Promise.all(
    files.map(async ({ name, parentPath }) => {
      const path = join(parentPath, name);
      const about = await stat(path).catch(() => undefined);
      return about && { name, file: { path, bytes: about.size, usedMs: about.mtimeMs } };
    }),
  );
  return found.filter((each) => each !== undefined);
}
