import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StudyError } from '@espalier/core';

/**
 * What tells a store from every other, wherever it is mounted: 16 digits, written when they are first asked for.
 *
 * @throws StudyError `instance-failed` where the folder takes no file
 */
export async function storeIdOf(folder: string): Promise<string> {
  const path = join(folder, 'id');
  const known = await read(path);
  if (known !== undefined) return known;
  const own = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(own, newId());
    await link(own, path).catch(() => {}); // somebody else was faster: theirs is read
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StudyError(
      'instance-failed',
      `The store ${folder} cannot be written to (${reason}). Give a folder that every machine can write to with --store.`,
      { cause },
    );
  } finally {
    await rm(own, { force: true }).catch(() => {});
  }
  const agreed = await read(path);
  if (agreed !== undefined) return agreed;
  throw noId(path);
}

async function read(path: string): Promise<string | undefined> {
  return idIn(await readFile(path).catch(() => undefined));
}

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
  return new StudyError('store-corrupt', `${path} does not hold 16 digits, which every store has. Remove it.`);
}
