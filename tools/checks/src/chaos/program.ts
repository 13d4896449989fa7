import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../workspace.ts';

/** The command `espalier`, as a file that Node runs. */
export const espalier = join(root, 'packages/runner/bin/espalier.js');

/** A process and what it has printed. */
export interface Program {
  /** Its exit code; null when it was killed. */
  readonly ended: Promise<number | null>;
  readonly isAlive: () => boolean;
  /** Its worker processes; empty where the system does not tell. */
  workers(): readonly number[];
  signal(name: NodeJS.Signals): void;
  readonly output: () => string;
}

export interface ProgramOptions {
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** A file that takes what it prints, in place of `output`. */
  readonly stdout?: number;
}

/** Starts `command` in a folder. */
export function start(
  [program, ...args]: readonly [string, ...string[]],
  { folder, environment, stdout }: ProgramOptions,
): Program {
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ['ignore', stdout ?? 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('close', (code) => resolve(code));
    child.once('error', reject);
  });
  return {
    ended,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    workers: () => workersOf(child.pid),
    signal: (name) => void child.kill(name),
    output: () => output,
  };
}

/** Starts `espalier` in a folder. */
export function startEspalier(args: readonly string[], options: ProgramOptions): Program {
  return start([process.execPath, espalier, ...args], options);
}

/** Sends a signal to a process, if it is there. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has just ended by itself.
  }
}

function workersOf(pid: number | undefined): readonly number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
    // A run has another process beside them, which ends them when it was killed.
    return children.filter((each) => readFileSync(`/proc/${each}/cmdline`, 'utf8').includes(join('bin', 'worker.js')));
  } catch {
    return [];
  }
}
