import type { Executor, Task, TaskOutputs, TaskWatcher } from '../tasks/task.ts';
import { standardLiveBytes } from '../tasks/workbench.ts';
import type { Machine } from './machine.ts';
import type { WorkerOptions, WorkerProcess } from './worker-process.ts';

export interface LocalExecutorOptions {
  /** Folder or URL of the store. */
  readonly storeAt: string;
  readonly machine: Machine;
  /** Most instances at once; by default as many as there are cores. */
  readonly jobs?: number | undefined;
  readonly startWorker: (options: WorkerOptions) => WorkerProcess;
}

/** What a running task takes of the machine. */
interface Share {
  readonly cores: number;
  readonly memoryBytes: number;
  readonly gpus: readonly string[];
  /** Threads that TensorFlow may start. */
  readonly threads: number;
}

interface Waiting {
  readonly task: Task;
  readonly begin: () => void;
}

interface PooledWorker {
  readonly process: WorkerProcess;
  /** Workers whose surroundings differ cannot stand in for each other. */
  readonly surroundings: string;
}

/**
 * Runs tasks in other processes of this machine, as many at once as its cores, memory and GPUs allow, in the order in
 * which they come. A process that ends takes one task with it; one that works is used again, with what it has open.
 */
export function localExecutor({ storeAt, machine, jobs, startWorker }: LocalExecutorOptions): Executor {
  const slots = jobs ?? machine.cores;
  const liveBytes = Math.min(standardLiveBytes, Math.floor(machine.memoryBytes / (4 * slots)));
  const idle: PooledWorker[] = [];
  const busy = new Set<PooledWorker>();
  const running = new Map<Waiting, Share>();
  const waiting: Waiting[] = [];

  const admit = (): void => {
    for (let next = waiting[0]; next && running.size < slots; next = waiting[0]) {
      const share = shareOf(next.task, machine, [...running.values()]);
      if (!share) return;
      waiting.shift();
      running.set(next, share);
      next.begin();
    }
  };
  const turn = (task: Task, signal: AbortSignal): Promise<Waiting> =>
    new Promise((resolve, reject) => {
      const entry: Waiting = {
        task,
        begin() {
          signal.removeEventListener('abort', giveUp);
          resolve(entry);
        },
      };
      const giveUp = (): void => {
        waiting.splice(waiting.indexOf(entry), 1);
        reject(signal.reason);
      };
      if (signal.aborted) return reject(signal.reason);
      signal.addEventListener('abort', giveUp, { once: true });
      waiting.push(entry);
      admit();
    });
  const worker = (task: Task, share: Share): PooledWorker => {
    const environment = environmentOf(share);
    const surroundings = JSON.stringify(environment);
    const found = bestOf(idle, surroundings, task);
    if (found) idle.splice(idle.indexOf(found), 1);
    while (idle.length > 0 && idle.length + running.size > slots) idle.shift()!.process.kill();
    const used = found ?? { process: startWorker({ storeAt, liveBytes, environment }), surroundings };
    busy.add(used);
    return used;
  };
  // What an engine computes with depends on no thread and no GPU of its own.
  const anyShare: Share = { cores: 1, memoryBytes: 0, gpus: [], threads: machine.cores };
  const spare = (): PooledWorker => {
    const environment = environmentOf(anyShare);
    while (idle.length > 0 && !idle.at(-1)!.process.isAlive()) idle.pop();
    return (
      idle.pop() ?? {
        process: startWorker({ storeAt, liveBytes, environment }),
        surroundings: JSON.stringify(environment),
      }
    );
  };
  const putBack = (used: PooledWorker): void => {
    busy.delete(used);
    // What it keeps open is bounded; the rest of what it has grown by is lost memory.
    const isFat = used.process.memory() > liveBytes + Math.max(fatBytes, machine.memoryBytes / slots / 4);
    if (isFat || !used.process.isAlive()) used.process.kill();
    else idle.push(used);
  };

  return {
    name: 'local',
    slots,
    async run(task: Task, watcher: TaskWatcher): Promise<TaskOutputs> {
      const entry = await turn(task, watcher.signal);
      try {
        const used = worker(task, running.get(entry)!);
        try {
          return await used.process.run(task, watcher, task.resources.memoryBytes);
        } finally {
          putBack(used);
        }
      } finally {
        running.delete(entry);
        admit();
      }
    },
    async numericsOf(model, place) {
      for (let lost = 0; ; ) {
        const used = spare();
        busy.add(used);
        try {
          return await used.process.numericsOf(model, place);
        } catch (error) {
          if (used.process.isAlive() || ++lost === mostLost) throw error;
        } finally {
          putBack(used);
        }
      }
    },
    warmUp: () => void idle.push(spare()),
    release({ manifest }) {
      for (const { process } of [...idle, ...busy]) process.release(manifest);
    },
    async close() {
      for (const { process } of idle.splice(0)) process.kill();
    },
  };
}

const fatBytes = 2 ** 30;

// A question is asked again, of another worker, when the one that was asked has ended.
const mostLost = 3;

/**
 * What a task gets of what is free; undefined while that is too little. A task that wants more than all gets all.
 *
 * TensorFlow gets a thread for each core of the machine, or as many as the study says: the number changes sums in their last
 * bits, so it must not depend on what else runs, nor on --jobs. wasm computes on one.
 */
function shareOf(task: Task, machine: Machine, others: readonly Share[]): Share | undefined {
  const { resources, components } = task;
  const usesTensorflow = components.numerics?.engine === 'tensorflow';
  const threads = resources.cores ?? machine.cores;
  const wanted = resources.exclusive
    ? machine.cores
    : (resources.cores ?? (usesTensorflow ? coresBesideGpus(machine) : 1));
  const cores = Math.min(wanted, machine.cores);
  const memoryBytes = Math.min(resources.memoryBytes ?? 0, machine.memoryBytes);
  const gpuCount = Math.min(resources.gpus ?? (usesTensorflow ? 1 : 0), machine.gpus.length);
  const taken = new Set(others.flatMap(({ gpus }) => gpus));
  const gpus = machine.gpus.filter((name) => !taken.has(name)).slice(0, gpuCount);
  const sum = (of: (share: Share) => number) => others.reduce((total, share) => total + of(share), 0);
  if (sum((share) => share.cores) + cores > machine.cores || gpus.length < gpuCount) return undefined;
  if (sum((share) => share.memoryBytes) + memoryBytes > machine.memoryBytes) return undefined;
  return { cores, memoryBytes, gpus, threads };
}

/** On GPUs an instance mostly waits, so as many run at once as there are GPUs. */
function coresBesideGpus({ cores, gpus }: Machine): number {
  return Math.max(1, Math.floor(cores / Math.max(1, gpus.length)));
}

function environmentOf({ threads, gpus }: Share): Readonly<Record<string, string>> {
  return {
    TF_NUM_INTRAOP_THREADS: process.env.TF_NUM_INTRAOP_THREADS ?? String(threads),
    ...(gpus.length > 0 && { CUDA_VISIBLE_DEVICES: gpus.join(',') }),
  };
}

/** The worker that has most of the task's inputs open; among equals, the one used last. */
function bestOf(idle: readonly PooledWorker[], surroundings: string, task: Task): PooledWorker | undefined {
  const inputs = [...Object.values(task.inputs), ...Object.values(task.baseline ?? {})].flat();
  const held = ({ process: { holds } }: PooledWorker): number =>
    inputs.reduce((bytes, { artifact }) => bytes + (holds.has(artifact.manifest) ? artifact.bytes : 0), 0);
  return idle
    .filter((each) => each.surroundings === surroundings && each.process.isAlive())
    .sort((a, b) => held(b) - held(a) || idle.indexOf(b) - idle.indexOf(a))[0];
}
