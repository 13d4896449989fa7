import type { Executor, Task, TaskOutputs, TaskWatcher } from '../tasks/task.ts';
import { turns } from './turns.ts';
import { type LocalExecutorOptions, workerPool } from './worker-pool.ts';

/**
 * Runs tasks in other processes of this machine, as many at once as its cores, memory and GPUs allow, in the order in
 * which they come. A process that ends takes one task with it; one that works is used again, with what it has open.
 */
export function localExecutor(options: LocalExecutorOptions): Executor {
  const { machine, jobs } = options;
  const slots = jobs ?? machine.cores;
  const pool = workerPool(options, slots);
  const { running, next } = turns(machine, slots);
  return {
    name: 'local',
    slots,
    async run(task: Task, watcher: TaskWatcher): Promise<TaskOutputs> {
      const turn = await next(task, watcher.signal);
      try {
        const used = pool.take(task, turn.share, running());
        try {
          return await used.process.run(task, watcher, task.resources.memoryBytes);
        } finally {
          pool.putBack(used);
        }
      } finally {
        turn.done();
      }
    },
    async numericsOf(model, place) {
      for (let lost = 0; ; ) {
        const used = pool.spare();
        try {
          return await used.process.numericsOf(model, place);
        } catch (error) {
          if (used.process.isAlive() || ++lost === mostLost) throw error;
        } finally {
          pool.putBack(used);
        }
      }
    },
    warmUp: pool.warmUp,
    release({ manifest }) {
      for (const { process } of pool.all()) process.release(manifest);
    },
    async close() {
      pool.close();
    },
  };
}

// A question is asked again, of another worker, when the one that was asked has ended.
const mostLost = 3;
