import { type Clock, runTask } from '../tasks/run-task.ts';
import type { Executor } from '../tasks/task.ts';
import type { Workbench } from '../tasks/workbench.ts';

/** Runs tasks in this process, one at a time: what ends the process ends the run. */
export function inProcessExecutor(bench: Workbench, clock: Clock): Executor {
  return {
    name: 'in-process',
    slots: 1,
    run(task, watcher) {
      watcher.started({ pid: process.pid });
      return runTask(task, watcher, bench, clock);
    },
    release: ({ manifest }) => bench.live.release(manifest),
    async close() {
      bench.live.closeAll();
    },
  };
}
