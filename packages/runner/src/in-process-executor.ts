import { type Clock, runTask } from './run-task.ts';
import type { Executor } from './task.ts';
import type { Workbench } from './workbench.ts';

/** Runs tasks in this process, one at a time. */
export function inProcessExecutor(bench: Workbench, clock: Clock): Executor {
  return {
    name: 'in-process',
    run: (task, watcher) => runTask(task, watcher, bench, clock),
    release: ({ manifest }) => bench.live.release(manifest),
    async close() {
      bench.live.closeAll();
    },
  };
}
