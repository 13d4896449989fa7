import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Numerics } from '@espalier/core';
import { withoutSecrets } from '@espalier/secrets';
import type { ArtifactRef } from '@espalier/store';
import { errorOf } from '../tasks/failure.ts';
import { artifactsOf, type Task, type TaskOutputs, type TaskPlace, type TaskWatcher } from '../tasks/task.ts';
import { failedMemoryChecks, lostWorker } from './lost-worker.ts';
import { adoptGroup, killGroup, leadsGroup, startReaper } from './process-groups.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

/** How to start a worker process. */
export interface WorkerOptions {
  /** Folder or URL of the store. */
  readonly storeAt: string;
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
   * @throws StudyError `runner/worker-lost` or `runner/out-of-memory` when the process ends; else what the task throws
   */
  run(task: Task, watcher: TaskWatcher, memoryLimit: number | null): Promise<TaskOutputs>;
  /** @throws StudyError as `run` does */
  numericsOf(model: ArtifactRef, place: TaskPlace): Promise<Numerics>;
  release(manifest: string): void;
  /** Bytes of resident memory; 0 where the system does not tell. */
  memory(): number;
  kill(): void;
}

// Ctrl-C must have stopped everything after 2 s; a training step takes a fraction of that.
const graceMs = 1200;
const watchMemoryEveryMs = 500;
const keptStderr = 2000;

/**
 * Starts a worker process. It does not keep this process alive, and ends with it, as does all that it starts: however this
 * process ends, and whatever the worker is doing.
 */
export function startWorker({ storeAt, liveBytes, environment }: WorkerOptions): WorkerProcess {
  const child = fork(fileURLToPath(new URL('../../bin/worker.js', import.meta.url)), [storeAt, String(liveBytes)], {
    // Where the queues are is nothing to plugins.
    env: { ...process.env, ESPALIER_EXECUTOR_URL: undefined, ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
    ...leadsGroup,
  });
  adoptGroup(child);
  const holds = new Set<string>();
  const stderrTail = keepOutput(child);
  const pid = child.pid ?? 0;
  const send = (message: ToWorker): void => void (child.connected && child.send(message, () => {})); // a lost one is noticed by its end
  const isAlive = (): boolean => child.exitCode === null && child.signalCode === null && child.connected;
  const talk: Conversation = { child, send, stderrTail: stderrTail.text, pid };
  detach(child);
  return {
    pid,
    holds,
    numericsOf: (model, place) => askNumerics(talk, model, place),
    isAlive,
    release(manifest) {
      if (holds.delete(manifest)) send({ type: 'release', manifest });
    },
    memory: () => residentBytes(pid),
    kill: () => killGroup(pid),
    async run(task, watcher, memoryLimit) {
      for (const { manifest } of artifactsOf(task)) holds.add(manifest);
      const forget = stderrTail.follow(watcher.log);
      try {
        const outputs = await runIn(talk, task, watcher, memoryLimit);
        for (const { manifest } of Object.values(outputs)) holds.add(manifest);
        return outputs;
      } finally {
        forget();
      }
    },
  };
}

interface Conversation {
  readonly child: ChildProcess;
  readonly send: (message: ToWorker) => void;
  readonly stderrTail: () => string;
  readonly pid: number;
}

async function runIn(
  { child, send, stderrTail, pid }: Conversation,
  task: Task,
  watcher: TaskWatcher,
  memoryLimit: number | null,
): Promise<TaskOutputs> {
  const { signal } = watcher;
  startReaper();
  const checksBefore = failedMemoryChecks();
  let tooMuch = 0;
  let grace: NodeJS.Timeout | undefined;
  const watch = setInterval(() => {
    const bytes = residentBytes(pid);
    if (bytes > 0) watcher.memory(bytes);
    if (memoryLimit === null || bytes <= memoryLimit) return;
    tooMuch = bytes;
    killGroup(pid);
  }, watchMemoryEveryMs);
  const cancel = (): void => {
    send({ type: 'cancel' });
    grace = setTimeout(() => killGroup(pid), watcher.atOnce?.aborted ? 0 : graceMs);
  };
  signal.addEventListener('abort', cancel);
  if (signal.aborted) cancel();
  watcher.started({ pid });
  send({ type: 'run', task });
  try {
    const answer = await answerOf(child, 'done', (message) => {
      if (message.type === 'progress') watcher.progress(message.progress);
      if (message.type === 'log') watcher.log(message.line);
    });
    if (answer.type === 'done') return answer.outputs;
    signal.throwIfAborted();
    if (answer.type === 'failed') throw errorOf(answer.failure);
    throw lostWorker({ ...answer, stderrTail: stderrTail(), memoryLimit, tooMuch, checksBefore });
  } finally {
    clearInterval(watch);
    clearTimeout(grace);
    signal.removeEventListener('abort', cancel);
  }
}

async function askNumerics(
  { child, send, stderrTail }: Conversation,
  model: ArtifactRef,
  place: TaskPlace,
): Promise<Numerics> {
  startReaper();
  const checksBefore = failedMemoryChecks();
  send({ type: 'numerics', model, place });
  const answer = await answerOf(child, 'numerics', () => {});
  if (answer.type === 'numerics') return answer.numerics;
  if (answer.type === 'failed') throw errorOf(answer.failure);
  throw lostWorker({ ...answer, stderrTail: stderrTail(), memoryLimit: null, tooMuch: 0, checksBefore });
}

type Told<Type> = Extract<FromWorker, { type: Type }>;
type Ended = { readonly type: 'ended'; readonly code: number | null; readonly killedBy: string | null };

/** What a worker answers at last, or how it ends. While it is asked, it keeps this process alive. */
function answerOf<Type extends 'done' | 'numerics'>(
  child: ChildProcess,
  type: Type,
  meanwhile: (message: FromWorker) => void,
): Promise<Told<Type> | Told<'failed'> | Ended> {
  child.ref();
  child.channel?.ref();
  return new Promise((resolve) => {
    const end = (code: number | null, killedBy: string | null): void => done({ type: 'ended', code, killedBy });
    const hear = (message: FromWorker): void => {
      if (message.type === type || message.type === 'failed')
        done(message as Told<Type> | Told<'failed'>); // just compared
      else meanwhile(message);
    };
    const done = (answer: Told<Type> | Told<'failed'> | Ended): void => {
      child.off('message', hear);
      child.off('exit', end);
      detach(child);
      resolve(answer);
    };
    child.on('message', hear);
    child.once('exit', end);
    if (child.exitCode !== null || child.signalCode !== null) end(child.exitCode, child.signalCode);
  });
}

function detach(child: ChildProcess): void {
  child.unref();
  child.channel?.unref();
}

/** What a worker prints goes to the log of the task that it runs; the end of it explains a crash. */
function keepOutput(child: ChildProcess) {
  let kept = '';
  let log: ((line: string) => void) | undefined;
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (told) => {
      const line = withoutSecrets(told);
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

function residentBytes(pid: number): number {
  try {
    return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
