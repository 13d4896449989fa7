import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { StudyError } from '@espalier/core';
import { failedMemoryChecks, lostWorker } from './lost-worker.ts';
import type { Task, TaskOutputs, TaskWatcher } from './task.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

/** How to start a worker process. */
export interface WorkerOptions {
  readonly storeFolder: string;
  /** Most bytes of open artifacts that it keeps for later tasks. */
  readonly liveBytes: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** Another process that runs tasks, one at a time. */
export interface WorkerProcess {
  readonly pid: number;
  /** Manifests of the artifacts that it has read or made and may still have open. */
  readonly holds: ReadonlySet<string>;
  /** False once it has ended: start another. */
  readonly isAlive: () => boolean;
  /**
   * Runs a task; when `watcher.signal` is aborted, the worker is asked to stop, and killed if it does not.
   *
   * @param memoryLimit bytes of resident memory at which it is killed; null for none
   * @throws StudyError `worker-lost` or `out-of-memory` when the process ends; else what the task throws
   */
  run(task: Task, watcher: TaskWatcher, memoryLimit: number | null): Promise<TaskOutputs>;
  release(manifest: string): void;
  /** Bytes of resident memory; 0 where the system does not tell. */
  memory(): number;
  kill(): void;
}

// Ctrl-C must have stopped everything after 2 s; a training step takes a fraction of that.
const graceMs = 1200;
const watchMemoryEveryMs = 500;
const keptStderr = 2000;

/** Starts a worker process. */
export function startWorker({ storeFolder, liveBytes, environment }: WorkerOptions): WorkerProcess {
  const child = fork(fileURLToPath(new URL('../bin/worker.js', import.meta.url)), [storeFolder, String(liveBytes)], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
  });
  const holds = new Set<string>();
  const lastWords = keepOutput(child);
  const pid = child.pid ?? 0;
  const send = (message: ToWorker): void => void (child.connected && child.send(message, () => {})); // a lost one is noticed by its end
  const isAlive = (): boolean => child.exitCode === null && child.signalCode === null && child.connected;
  return {
    pid,
    holds,
    isAlive,
    release(manifest) {
      if (holds.delete(manifest)) send({ type: 'release', manifest });
    },
    memory: () => residentBytes(pid),
    kill: () => void child.kill('SIGKILL'),
    async run(task, watcher, memoryLimit) {
      const used = manifestsOf(task);
      for (const manifest of used) holds.add(manifest);
      const forget = lastWords.follow(watcher.log);
      try {
        const outputs = await runIn(child, { task, watcher, memoryLimit, send, lastWords: lastWords.text, pid });
        for (const { manifest } of Object.values(outputs)) holds.add(manifest);
        return outputs;
      } finally {
        forget();
      }
    },
  };
}

interface WorkerRun {
  readonly task: Task;
  readonly watcher: TaskWatcher;
  readonly memoryLimit: number | null;
  readonly send: (message: ToWorker) => void;
  readonly lastWords: () => string;
  readonly pid: number;
}

function runIn(child: ChildProcess, { task, watcher, memoryLimit, send, lastWords, pid }: WorkerRun) {
  const { signal } = watcher;
  const checksBefore = failedMemoryChecks();
  let tooMuch = 0;
  let grace: NodeJS.Timeout | undefined;
  const watch = setInterval(() => {
    const bytes = residentBytes(pid);
    if (bytes > 0) watcher.memory(bytes);
    if (memoryLimit === null || bytes <= memoryLimit) return;
    tooMuch = bytes;
    child.kill('SIGKILL');
  }, watchMemoryEveryMs);
  const cancel = (): void => {
    send({ type: 'cancel' });
    grace = setTimeout(() => child.kill('SIGKILL'), graceMs);
  };
  let hear = (_: FromWorker): void => {};
  let end = (_code: number | null, _signal: string | null): void => {};
  const result = new Promise<TaskOutputs>((resolve, reject) => {
    hear = (message) => {
      if (message.type === 'progress') watcher.progress(message.progress);
      else if (message.type === 'log') watcher.log(message.line);
      else if (message.type === 'done') resolve(message.outputs);
      else if (signal.aborted) reject(signal.reason);
      else reject(new StudyError(message.failure.code, message.failure.text));
    };
    end = (code, killedBy) => {
      if (signal.aborted) reject(signal.reason);
      else reject(lostWorker({ code, killedBy, lastWords: lastWords(), memoryLimit, tooMuch, checksBefore }));
    };
  });
  child.on('message', hear);
  child.once('exit', end);
  signal.addEventListener('abort', cancel);
  if (child.exitCode !== null || child.signalCode !== null) end(child.exitCode, child.signalCode);
  else if (signal.aborted) cancel();
  watcher.started({ pid });
  send({ type: 'run', task });
  return result.finally(() => {
    clearInterval(watch);
    clearTimeout(grace);
    signal.removeEventListener('abort', cancel);
    child.off('message', hear);
    child.off('exit', end);
  });
}

/** What a worker prints goes to the log of the task that it runs; the end of it explains a crash. */
function keepOutput(child: ChildProcess) {
  let kept = '';
  let log: ((line: string) => void) | undefined;
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      kept = `${kept}${line}\n`.slice(-keptStderr);
      log?.(line);
    });
  }
  return {
    text: () => kept.trim(),
    follow(next: (line: string) => void): () => void {
      kept = '';
      log = next;
      return () => {
        log = undefined;
      };
    },
  };
}

function manifestsOf({ inputs, baseline }: Task): readonly string[] {
  return [...Object.values(inputs), ...Object.values(baseline ?? {})].flat().map(({ artifact }) => artifact.manifest);
}

function residentBytes(pid: number): number {
  try {
    return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
