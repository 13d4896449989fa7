import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Services } from '@espalier/core';

/*
 * A lock is a folder with one file, which is named after its owner. It comes into place whole, by a rename that fails where a
 * folder with a file is. A stale one is opened by removing the file of the owner that was found dead: of several processes that
 * have found it so, the late ones remove nothing, for the next owner's file has another name.
 */

export interface LockTimes {
  /** How often a waiting process looks, and a working one says that it lives. */
  readonly beatMs: number;
  /** A lock that has not been touched for so long was left by a process that was killed. */
  readonly staleMs: number;
}

const usualTimes: LockTimes = { beatMs: 1000, staleMs: 30_000 };

/** Runs `work` while no other process runs it under the same lock; waits for its turn. */
export async function withLock<Result>(
  path: string,
  { log, signal }: Pick<Services, 'log' | 'signal'>,
  work: () => Promise<Result>,
  { beatMs, staleMs }: LockTimes = usualTimes,
): Promise<Result> {
  await mkdir(dirname(path), { recursive: true });
  const owner = newOwner();
  let said = false;
  while (!(await take(path, owner))) {
    const dead = await deadOwner(path, staleMs);
    if (dead !== undefined) {
      await open(path, dead);
      continue;
    }
    if (!said) log(`Waiting for another process that holds ${path}`);
    said = true;
    await delay(beatMs, undefined, { signal });
  }
  const beat = setInterval(() => {
    const now = new Date();
    utimes(join(path, owner), now, now).catch(() => {}); // the work itself reports a folder that has gone
  }, beatMs);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await open(path, owner);
    await removeEmpty(path);
  }
}

export function newOwner(): string {
  return randomBytes(8).toString('hex');
}

const inTheWay = ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'];

/** Whether the lock is now that of `owner`; false while another one has it. */
export async function take(path: string, owner: string): Promise<boolean> {
  const mine = `${path}.${owner}`;
  await mkdir(mine);
  try {
    await writeFile(join(mine, owner), '');
    await removeEmpty(path); // on Windows nothing is renamed to it
    await rename(mine, path);
    return true;
  } catch (error) {
    if (inTheWay.some((code) => isCode(error, code))) return false;
    if (isCode(error, 'EPERM') && (await isThere(path))) return false; // Windows says so
    throw error;
  } finally {
    await rm(mine, { recursive: true, force: true });
  }
}

/** The owner of a lock that has not been touched for `staleMs`; empty for the lock of an earlier version, a file. */
export async function deadOwner(path: string, staleMs: number): Promise<string | undefined> {
  try {
    const [owner = ''] = await readdir(path).catch((error) => {
      if (isCode(error, 'ENOTDIR')) return [];
      throw error;
    });
    const { mtimeMs } = await stat(join(path, owner));
    return Date.now() - mtimeMs > staleMs ? owner : undefined;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined; // given up between two looks
    throw error;
  }
}

/** Takes the file of an owner out of a lock, if it is still there. */
export async function open(path: string, owner: string): Promise<void> {
  try {
    await unlink(join(path, owner));
  } catch (error) {
    const isFolder = owner === '' && (await stat(path).catch(() => undefined))?.isDirectory(); // a lock of this version
    if (!isFolder && !isCode(error, 'ENOENT') && (await isThere(join(path, owner)))) throw error;
  }
}

async function removeEmpty(path: string): Promise<void> {
  await rmdir(path).catch(() => {}); // it has an owner, or is gone
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** True for a system error with this code, such as `ENOSPC`. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
