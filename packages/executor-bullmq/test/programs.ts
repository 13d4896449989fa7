import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll } from 'vitest';

/** `espalier` in a process of its own. */
export interface Program {
  readonly pid: number;
  readonly ended: Promise<number | null>;
  readonly output: () => string;
  readonly signal: (name: NodeJS.Signals) => void;
  /** Kills it as a broken machine would, and waits until it is gone. */
  readonly kill: () => Promise<void>;
}

const command = join(import.meta.dirname, '../../runner/bin/espalier.js');

const running: (() => void)[] = [];
afterAll(() => {
  for (const kill of running) kill();
});

/** Starts `espalier` in `folder`; it is killed after the tests of a file. */
export function espalier(
  folder: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Program {
  const child = spawn(process.execPath, [command, ...args], {
    cwd: folder,
    env: { ...process.env, ESPALIER_BULLMQ_SILENCE: '3', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  running.push(() => void child.kill('SIGKILL'));
  return {
    pid: child.pid!,
    ended,
    output: () => output,
    signal: (name) => void child.kill(name),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Waits until something is so. */
export async function until(what: string, isSo: () => boolean, withinMs = 40_000): Promise<void> {
  for (const start = Date.now(); !isSo(); await pause(50)) {
    if (Date.now() - start > withinMs) throw new Error(`Not within ${withinMs / 1000} s: ${what}`);
  }
}
