import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../workspace.ts';

/** A run of a study in a process of its own. */
export interface RunnerProcess {
  /** Its exit code; null when it was killed. */
  readonly ended: Promise<number | null>;
  readonly isAlive: () => boolean;
  /** Its worker processes; empty where the system does not tell. */
  workers(): readonly number[];
  kill(): void;
  readonly output: () => string;
}

/** Starts `espalier run` in `folder`. */
export function startRunner(folder: string, args: readonly string[]): RunnerProcess {
  const child = spawn(process.execPath, [join(root, 'packages/runner/bin/espalier.js'), 'run', ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return {
    ended,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    workers: () => childrenOf(child),
    kill: () => void child.kill('SIGKILL'),
    output: () => output,
  };
}

function childrenOf({ pid }: ChildProcess): readonly number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
    // A run has another process beside them, which ends them when it was killed.
    return children.filter((each) => readFileSync(`/proc/${each}/cmdline`, 'utf8').includes(join('bin', 'worker.js')));
  } catch {
    return [];
  }
}
