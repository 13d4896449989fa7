import { mkdir, open, rm, stat, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Services } from '@espalier/core';

export interface LockTimes {
  /** How often a waiting process looks, and a working one says that it lives. */
  readonly beatMs: number;
  /** A lock that has not been touched for so long was left by a process that was killed. */
  readonly staleMs: number;
}

const usualTimes: LockTimes = { beatMs: 1000, staleMs: 30_000 };

/** Runs `work` while no other process runs it under the same lock file; waits for its turn. */
export async function withLock<Result>(
  path: string,
  { log, signal }: Pick<Services, 'log' | 'signal'>,
  work: () => Promise<Result>,
  { beatMs, staleMs }: LockTimes = usualTimes,
): Promise<Result> {
  await mkdir(dirname(path), { recursive: true });
  let said = false;
  while (!(await take(path))) {
    if (await isOlder(path, staleMs)) {
      await rm(path, { force: true });
      continue;
    }
    if (!said) log(`Waiting for another process that holds ${path}`);
    said = true;
    await delay(beatMs, undefined, { signal });
  }
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {}); // the work itself reports a folder that has gone
  }, beatMs);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx')).close();
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function isOlder(path: string, ageMs: number): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > ageMs;
  } catch {
    return false; // released between the two looks
  }
}

/** True for a system error with this code, such as `ENOSPC`. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
