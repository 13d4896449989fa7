import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type NdArray, StudyError } from '@espalier/core';
import { fileError, isMissing, readRegularFile, shownPath } from '@espalier/files';
import { readNpy, readNpz, readSafetensors } from '@espalier/formats';

/** Where maps are. */
export interface Place {
  readonly folder?: string | undefined;
  readonly file?: string | undefined;
  readonly within: readonly (string | number)[];
}

/** Maps by sample id, from wherever they are stored. */
export interface StoredMaps {
  /** Where they are, for errors. */
  readonly path: string;
  /** Null where there is none of this id. */
  read(id: string): Promise<{ readonly map: NdArray; readonly name: string } | null>;
}

const purpose = { what: 'attribution maps' } as const;

/** The file or the folder that holds the maps. @param from the study's folder */
export function pathOf({ folder, file, within }: Place, from: string): string {
  const between = within.map(String);
  if (folder !== undefined) return join(resolve(from, folder), ...between);
  const whole = resolve(from, file!); // one of both is there
  return join(dirname(whole), ...between, basename(whole));
}

/** @throws StudyError `core/data-missing`, `files/unreadable`, `files/invalid` */
export async function storedMaps(place: Place, from: string): Promise<StoredMaps> {
  const path = pathOf(place, from);
  if (place.folder !== undefined) {
    mapFiles(path);
    return { path, read: (id) => mapInFolder(path, id) };
  }
  const bytes = await readRegularFile(path, purpose);
  const name = shownPath(path);
  const maps = mapsIn(bytes, name);
  return {
    path,
    async read(id) {
      const map = maps.get(id);
      return map ? { map, name: `the map "${id}" in ${name}` } : null;
    },
  };
}

/** All maps of one file, by name. @throws StudyError `files/invalid` */
function mapsIn(bytes: Buffer, name: string): ReadonlyMap<string, NdArray> {
  const isArchive = bytes.toString('latin1', 0, 2) === 'PK'; // a safetensors file begins with the length of its header, of at most 100 MB
  return isArchive ? readNpz(bytes, name) : readSafetensors(bytes, name).tensors;
}

async function mapInFolder(folder: string, id: string): Promise<{ map: NdArray; name: string } | null> {
  // An id is a relative path: one that leads out of the folder names no map of it.
  if (id.split(/[/\\]/).some((part) => part === '..' || part === '') || id.includes('\0')) return null;
  const path = join(folder, `${id}.npy`);
  try {
    return {
      map: readNpy(await readRegularFile(path, { what: 'an attribution map' }), shownPath(path)),
      name: shownPath(path),
    };
  } catch (error) {
    if (StudyError.is(error) && isMissing(error.cause)) return null;
    throw error;
  }
}

/** A digest of all maps and of their names. @throws as `storedMaps` */
export async function mapsDigest(place: Place, from: string): Promise<string> {
  const path = pathOf(place, from);
  const hash = createHash('sha256');
  if (place.folder === undefined) {
    const bytes = await readRegularFile(path, purpose);
    mapsIn(bytes, shownPath(path)); // what is no file of maps is told now
    return hash.update(bytes).digest('hex');
  }
  for (const name of mapFiles(path)) {
    const content = await readRegularFile(join(path, name), { what: 'an attribution map' });
    hash.update(JSON.stringify([name, createHash('sha256').update(content).digest('hex')]));
  }
  return hash.digest('hex');
}

/** Names of all `.npy` files in a folder and below, sorted. @throws StudyError where the folder cannot be read, or holds none */
export function mapFiles(folder: string): readonly string[] {
  try {
    if (!statSync(folder).isDirectory()) throw noFolder(folder);
    const names = readdirSync(folder, { recursive: true }).map((name) => String(name).replaceAll('\\', '/'));
    const maps = names.filter((name) => name.endsWith('.npy')).sort();
    if (maps.length > 0) return maps;
  } catch (cause) {
    throw fileError(cause, folder, { what: 'a folder of attribution maps' });
  }
  throw new StudyError(
    'core/data-missing',
    `Expected attribution maps as .npy files in ${shownPath(folder)}, one for every image, found none. Name the folder that holds them.`,
  );
}

function noFolder(folder: string): StudyError {
  const text = `Expected a folder of attribution maps at ${shownPath(folder)}, found a file. Name it as "file", if it holds all maps.`;
  return new StudyError('files/unreadable', text);
}
