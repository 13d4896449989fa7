import type { Task } from '../tasks/task.ts';
import type { Machine } from './machine.ts';

/** What a running task takes of the machine. */
export interface Share {
  readonly cores: number;
  readonly memoryBytes: number;
  readonly gpus: readonly string[];
  /** Threads that TensorFlow may start. */
  readonly threads: number;
}

/**
 * What a task gets of what is free; undefined while that is too little. A task that wants more than all gets all.
 *
 * TensorFlow gets a thread for each core of the machine, or as many as the study says: the number changes sums in their last
 * bits, so it must not depend on what else runs, nor on --jobs. wasm computes on one.
 */
export function shareOf(task: Task, machine: Machine, others: readonly Share[]): Share | undefined {
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

/** What a worker is told of its share. */
export function environmentOf({ threads, gpus }: Share): Readonly<Record<string, string>> {
  return {
    TF_NUM_INTRAOP_THREADS: process.env.TF_NUM_INTRAOP_THREADS ?? String(threads),
    ...(gpus.length > 0 && { CUDA_VISIBLE_DEVICES: gpus.join(',') }),
  };
}
