import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** How long it takes until none of `pids` is there any more, in milliseconds. */
export async function goneAfter(pids: readonly number[], since: number): Promise<number> {
  while (pids.some(isThere) && performance.now() - since < 5000) await pause(20);
  return performance.now() - since;
}

/** Kills a process, if it is there. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone
  }
}

function isThere(pid: number): boolean {
  const state = stateOf(pid);
  return state !== '' && state !== 'Z'; // of a zombie only the number is left
}

/** `R` running, `S` asleep, `T` stopped, `Z` ended; empty when there is no such process. Needs `/proc`. */
export function stateOf(pid: number): string {
  const line = readOr(`/proc/${pid}/stat`);
  return line.slice(line.lastIndexOf(')') + 2)[0] ?? '';
}

/** Whether it ends groups of workers whose runner has died. */
export function isReaper(pid: number): boolean {
  return readOr(`/proc/${pid}/cmdline`).includes(join('bin', 'reaper.js'));
}

export function childrenOf(pid: number): readonly number[] {
  return readOr(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
