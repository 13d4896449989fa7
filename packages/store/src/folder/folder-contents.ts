import { basename, join } from 'node:path';
import type { Misfit, StoreContents, StoredFile, StoredRecord } from '../care/store-contents.ts';
import { isDigest, mostRecordBytes, parseRecord } from '../records/key-record.ts';
import { isKey } from '../records/keys.ts';
import { blobName, checkpointName, checkpointsName, leasesName, recordName } from '../records/names.ts';
import type { DiskReader } from './disk-reader.ts';
import { foundAt, type StoreFolder, storeFolder } from './store-folder.ts';
import { notFolder } from './unreadable.ts';

/**
 * Reads the records of a store and lists its other files; a folder that is not there is empty.
 *
 * @throws StudyError `files/unreadable`, with the path, for what cannot be read and for a link in the place of a folder
 */
export function storeContents(folder: string, disk?: DiskReader): StoreContents {
  const files = storeFolder(folder, disk);
  const leases = join(folder, leasesName);
  const sorted = { leftovers: [] as StoredFile[], misfits: [] as Misfit[], strange: [] as StoredFile[] };
  const named = (part: string, nameAt: (path: string) => string | undefined): Map<string, StoredFile> => {
    const found = new Map<string, StoredFile>();
    for (const path of pathsUnder(part, files, (path) => nameAt(path) !== undefined)) {
      const about = files.about(path);
      if (!about) continue; // removed just now, by another process
      const file = { path, bytes: about.size, usedMs: about.mtimeMs };
      const name = nameAt(path);
      if (name === undefined) sorted[isLeftover(basename(path)) ? 'leftovers' : 'strange'].push(file);
      else if (about.isFile()) found.set(name, file);
      else sorted.misfits.push({ path, text: `is ${foundAt(about)}, not a file`, isFolder: about.isDirectory() });
    }
    return found;
  };
  for (const name of files.names(folder).filter((each) => /^id\.[0-9a-f]{16}$/.test(each))) {
    const found = files.place(join(folder, name));
    if (found.is === 'file') sorted.leftovers.push({ path: join(folder, name), ...found });
  }
  const at = (isName: (name: string) => boolean, end: string, pathOf: (name: string) => string) => (path: string) => {
    const name = basename(path, end);
    return isName(name) && join(folder, pathOf(name)) === path ? name : undefined;
  };
  const isPlain = (name: string): boolean => !name.startsWith('.');
  return {
    records: readRecords(named(join(folder, 'keys'), at(isKey, '.json', recordName)), files),
    blobs: named(join(folder, 'cas'), at(isDigest, '', blobName)),
    checkpoints: named(join(folder, checkpointsName), at(isPlain, '.safetensors', checkpointName)),
    leases: [
      ...named(
        leases,
        at(
          (name) => !name.includes('.'),
          '',
          (name) => `${leasesName}/${name}`,
        ),
      ).keys(),
    ],
    ...sorted,
  };
}

function readRecords(found: ReadonlyMap<string, StoredFile>, files: StoreFolder): ReadonlyMap<string, StoredRecord> {
  const records = new Map<string, StoredRecord>();
  for (const [key, file] of found) {
    const read = files.read(file.path, mostRecordBytes);
    if (!read) continue; // removed just now, by another process
    const record = 'text' in read ? undefined : parseRecord(read.toString('utf8'), key);
    const text = 'text' in read ? read.text : 'is damaged: it does not hold what its checksum says';
    records.set(key, record ? { ...file, record } : { ...file, record, text });
  }
  return records;
}

/** Everything under a folder but folders; a folder in the place of a file stands for all that is in it. */
function* pathsUnder(folder: string, files: StoreFolder, isFilePlace: (path: string) => boolean): Generator<string> {
  for (const name of [...files.names(folder)].sort()) {
    const path = join(folder, name);
    const about = files.about(path);
    if (!about || isFilePlace(path)) yield path;
    else if (about.isDirectory()) yield* pathsUnder(path, files, isFilePlace);
    else if (about.isSymbolicLink() || isFolderName(name)) throw notFolder(path, foundAt(about));
    else yield path;
  }
}

/** Names of the folders in `keys`, in `cas` and in `cas/sha256`. */
function isFolderName(name: string): boolean {
  return name === 'sha256' || /^[0-9a-f]{2}$/.test(name);
}

/** Names of files that are written beside others before they are put in their place. */
export function isLeftover(name: string): boolean {
  return /^\..+\.\d+\.[0-9a-f]+$/.test(name) || /^[0-9a-f]{64}(-[0-9a-f]{16})?\.[0-9a-f]{16}$/.test(name);
}
