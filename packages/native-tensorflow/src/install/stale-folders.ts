import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

const dayMs = 86_400_000;
const hostLabel = hostname().replaceAll(/[^A-Za-z0-9.]/g, '_');

/** What the name of this process's work folder starts with: it tells later installs whether its owner still lives. */
export function workFolderPrefix(pid: number = process.pid): string {
  return `work-${hostLabel}-${pid}-`;
}

/** Removes work folders of installs that were killed: their process is gone, or, on another machine, they are a day old. */
export async function removeStale(cache: string): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const name of await readdir(cache)) {
    const owner = /^work-(.+)-(\d+)-[^-]+$/.exec(name);
    if (!owner) continue;
    const folder = join(cache, name);
    const dead = owner[1] === hostLabel ? !isAlive(Number(owner[2])) : await isOld(folder);
    if (!dead) continue;
    await rm(folder, { recursive: true, force: true });
    removed.push(folder);
  }
  return removed;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function isOld(folder: string): Promise<boolean> {
  const facts = await stat(folder).catch(() => null);
  return facts !== null && Date.now() - facts.mtimeMs > dayMs;
}
