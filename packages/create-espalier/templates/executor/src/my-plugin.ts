import { setPriority } from 'node:os';
import type { CreateExecutor } from '@espalier/runner';

const priority = 10; // of 19, the last

/**
 * Say in one sentence where my-plugin runs tasks, and how. This one runs them on this machine, and lets other programs go first.
 *
 * @example npx espalier run study.json --executor my-plugin
 */
export const createExecutor: CreateExecutor = ({ startLocal }) => {
  const local = startLocal();
  return {
    name: 'my-plugin',
    slots: local.slots,
    run: (task, watcher) =>
      local.run(task, {
        ...watcher,
        started(where) {
          makePolite(where.pid);
          watcher.started(where);
        },
      }),
    ...(local.numericsOf && { numericsOf: (model, place) => local.numericsOf!(model, place) }),
    warmUp: () => local.warmUp?.(),
    release: (artifact) => local.release?.(artifact),
    close: () => local.close(), // whoever starts it closes it
  };
};

/** Lets other programs go before a process; one that has ended needs it no more. */
export function makePolite(pid: number, set: (pid: number, priority: number) => void = setPriority): void {
  if (pid === process.pid) return; // where tasks run in this process, it is the run's own
  try {
    set(pid, priority);
  } catch (error) {
    if (Object(error).code !== 'ERR_SYSTEM_ERROR') throw error;
  }
}
