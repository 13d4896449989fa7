import { artifactsOf, type Task } from '../tasks/task.ts';
import { standardLiveBytes } from '../tasks/workbench.ts';
import type { Machine } from './machine.ts';
import { environmentOf, type Share } from './shares.ts';
import type { WorkerOptions, WorkerProcess } from './worker-process.ts';

export interface PooledWorker {
  readonly process: WorkerProcess;
  /** What it was told when it began: workers of other environments cannot stand in for each other. */
  readonly environment: string;
}

/** Processes that wait for tasks, with what they have open. */
export interface WorkerPool {
  /** A worker for a task: the one that has most of its inputs open, or a new one. */
  take(task: Task, share: Share, running: number): PooledWorker;
  /** Any worker, for questions that no share matters to. */
  spare(): PooledWorker;
  putBack(used: PooledWorker): void;
  /** Starts one before it is needed. */
  warmUp(): void;
  readonly all: () => readonly PooledWorker[];
  close(): void;
}

/** A pool that keeps at most `slots` processes, idle ones and those that run tasks together. */
export function workerPool({ storeAt, machine, startWorker }: LocalExecutorOptions, slots: number): WorkerPool {
  const liveBytes = Math.min(standardLiveBytes, Math.floor(machine.memoryBytes / (4 * slots)));
  const idle: PooledWorker[] = [];
  const busy = new Set<PooledWorker>();
  const started = (share: Share): PooledWorker => {
    const environment = environmentOf(share);
    return { process: startWorker({ storeAt, liveBytes, environment }), environment: JSON.stringify(environment) };
  };
  // What an engine computes with depends on no thread and no GPU of its own.
  const anyShare: Share = { cores: 1, memoryBytes: 0, gpus: [], threads: machine.cores };
  const anyWorker = (): PooledWorker => {
    while (idle.length > 0 && !idle.at(-1)!.process.isAlive()) idle.pop();
    return idle.pop() ?? started(anyShare);
  };
  return {
    take(task, share, running) {
      const found = bestOf(idle, JSON.stringify(environmentOf(share)), task);
      if (found) idle.splice(idle.indexOf(found), 1);
      while (idle.length > 0 && idle.length + running > slots) idle.shift()!.process.kill();
      const used = found ?? started(share);
      busy.add(used);
      return used;
    },
    spare() {
      const used = anyWorker();
      busy.add(used);
      return used;
    },
    putBack(used) {
      busy.delete(used);
      // What it keeps open is bounded; the rest of what it has grown by is lost memory.
      const hasGrown = used.process.memory() > liveBytes + Math.max(mostLostBytes, machine.memoryBytes / slots / 4);
      if (hasGrown || !used.process.isAlive()) used.process.kill();
      else idle.push(used);
    },
    warmUp: () => void idle.push(anyWorker()),
    all: () => [...idle, ...busy],
    close() {
      for (const { process } of idle.splice(0)) process.kill();
    },
  };
}

const mostLostBytes = 2 ** 30;

/** The worker that has most of the task's inputs open; among equals, the one used last. */
function bestOf(idle: readonly PooledWorker[], environment: string, task: Task): PooledWorker | undefined {
  const inputs = artifactsOf(task);
  const held = ({ process: { holds } }: PooledWorker): number =>
    inputs.reduce((sum, { manifest, bytes }) => sum + (holds.has(manifest) ? bytes : 0), 0);
  return idle
    .filter((each) => each.environment === environment && each.process.isAlive())
    .sort((a, b) => held(b) - held(a) || idle.indexOf(b) - idle.indexOf(a))[0];
}

export interface LocalExecutorOptions {
  /** Folder or URL of the store. */
  readonly storeAt: string;
  readonly machine: Machine;
  /** Most instances at once; by default as many as there are cores. */
  readonly jobs?: number | undefined;
  readonly startWorker: (options: WorkerOptions) => WorkerProcess;
}
