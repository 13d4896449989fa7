import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { StudyError } from '@espalier/core';
import { putExclusively } from './exclusive-file.ts';
import type { StoreFolder } from './store-folder.ts';

/**
 * What tells a store from every other, wherever it is mounted: 16 digits, written when they are first asked for.
 *
 * @throws StudyError `store/not-writable` where the folder takes no file, `store/corrupt` where `id` holds something else
 */
export async function storeIdOf(folder: string, files: StoreFolder): Promise<string> {
  const path = join(folder, 'id');
  const known = await read(path, files);
  if (known !== undefined) return known;
  try {
    await mkdir(folder, { recursive: true });
    await putExclusively(path, newId(), { beside: `${path}.${randomBytes(8).toString('hex')}` });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StudyError(
      'store/not-writable',
      `The store ${folder} cannot be written to (${reason}). Give a folder that every machine can write to with --store.`,
      { cause },
    );
  }
  const agreed = await read(path, files); // that of somebody else who was faster, too
  if (agreed !== undefined) return agreed;
  throw noId(path);
}

async function read(path: string, files: StoreFolder): Promise<string | undefined> {
  for (const wait of lookAgainMs) {
    if (wait > 0) await pause(wait);
    const found = files.read(path, mostIdBytes);
    if (!found) return undefined;
    const id = 'text' in found ? undefined : idIn(found);
    if (id !== undefined) return id;
  }
  throw noId(path);
}

// Where there are no hard links an id is empty for a moment.
const lookAgainMs = [0, 20, 100, 400];

const mostIdBytes = 1024;

/** The bytes of a new id. */
export function newId(): Buffer {
  return Buffer.from(`${randomBytes(8).toString('hex')}\n`);
}

/** The id that a store's `id` holds; undefined where it holds none. */
export function idIn(bytes: Uint8Array | undefined): string | undefined {
  const text = Buffer.from(bytes ?? []).toString('utf8');
  return /^[0-9a-f]{16}\n$/.test(text) ? text.trim() : undefined;
}

/** What is thrown when nobody can agree on the id at `path`. */
export function noId(path: string): StudyError {
  return new StudyError('store/corrupt', `${path} does not hold 16 digits, which every store has. Remove it.`);
}
