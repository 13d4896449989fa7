import { loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { CreateExecutor } from '@espalier/runner';

const mostLoad = 4;
const lookAgainMs = 5000;

/**
 * Say in one sentence where my-plugin runs tasks, and when. This one runs them on this machine, while it has little else to do.
 *
 * @example npx espalier run study.json --executor my-plugin
 */
export const createExecutor: CreateExecutor = ({ startLocal }) => {
  const local = startLocal();
  return {
    name: 'my-plugin',
    slots: local.slots,
    async run(task, watcher) {
      await untilQuiet({ load: () => loadavg()[0]!, most: mostLoad, everyMs: lookAgainMs, signal: watcher.signal });
      return local.run(task, watcher);
    },
    ...(local.numericsOf && { numericsOf: (model, place) => local.numericsOf!(model, place) }),
    warmUp: () => local.warmUp?.(),
    release: (artifact) => local.release?.(artifact),
    close: () => local.close(), // whoever starts it closes it
  };
};

interface Quiet {
  /** Processes that want to run, on average over the last minute. */
  readonly load: () => number;
  readonly most: number;
  readonly everyMs: number;
  readonly signal: AbortSignal;
}

/** Waits until the machine has little to do. @throws the signal's reason when it is aborted */
export async function untilQuiet({ load, most, everyMs, signal }: Quiet): Promise<void> {
  signal.throwIfAborted();
  while (load() > most) {
    await pause(everyMs, undefined, { signal }).catch(() => {});
    signal.throwIfAborted();
  }
}
