import type { Progress } from '@espalier/core';
import { openStore } from '../plugins/open-store.ts';
import { packageLoader } from '../plugins/plugin-packages.ts';
import { pluginRegistry } from '../plugins/plugin-registry.ts';
import { failureOf } from '../tasks/failure.ts';
import { runTask } from '../tasks/run-task.ts';
import type { Task } from '../tasks/task.ts';
import { workbench } from '../tasks/workbench.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

/**
 * Does what the parent process tells, one thing at a time, until the parent is gone.
 *
 * Schedulers send their signals to every process of a job; the parent decides what becomes of the task. Nothing is rebound here, so there is no
 * container, whose loading would hold up every process.
 *
 * @param storeAt folder or URL of the store
 * @param liveBytes most bytes of artifacts that stay open for later tasks
 */
export function serveTasks(storeAt: string, liveBytes: number): void {
  const registry = pluginRegistry();
  const opened = openStore(storeAt).then((store) => workbench(store, packageLoader(), registry, liveBytes));
  opened.catch(() => {}); // told by the first task
  let running = new AbortController();
  const run = async (task: Task): Promise<void> => {
    running = new AbortController();
    const { signal } = running;
    const progress = latest<Progress>((told) => tell({ type: 'progress', progress: told }));
    const log = (line: string): void => tell({ type: 'log', line });
    try {
      const bench = await opened;
      const outputs = await runTask(task, { signal, progress: progress.tell, log }, bench, { now: () => new Date() });
      progress.flush();
      tell({ type: 'done', outputs });
    } catch (error) {
      tell({ type: 'failed', failure: failureOf(error) });
    }
  };
  const answer = async ({ model, place }: Extract<ToWorker, { type: 'numerics' }>): Promise<void> => {
    const { packages, folder, compute, cacheFolder } = place;
    const silent = { log() {}, progress() {}, signal: new AbortController().signal };
    const context = { packages, folder, services: { ...silent, compute, folder, cacheFolder } };
    try {
      tell({ type: 'numerics', numerics: await (await opened).numericsOf(model, context) });
    } catch (error) {
      tell({ type: 'failed', failure: failureOf(error) });
    }
  };
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) process.on(event, crash);
  process.on('disconnect', () => process.exit());
  process.on('message', (message: ToWorker) => {
    if (message.type === 'run') void run(message.task);
    else if (message.type === 'numerics') void answer(message);
    else if (message.type === 'cancel') running.abort();
    else void opened.then((bench) => bench.live.release(message.manifest));
  });
}

/** Ends the process with what a plugin let nobody catch; its last words are what the parent tells. Node would add source text. */
function crash(error: unknown): void {
  const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${words}\n`, () => process.exit(1));
}

function tell(message: FromWorker): void {
  process.send?.(message);
}

// A step may take a millisecond; nobody watches that closely.
const tellEveryMs = 100;

/** Passes values on, at most one in {@link tellEveryMs}, and the last one when it is flushed. */
function latest<Value>(pass: (value: Value) => void): { tell(value: Value): void; flush(): void } {
  let held: Value | undefined;
  let passedAt = 0;
  const flush = (): void => {
    if (held !== undefined) pass(held);
    held = undefined;
    passedAt = Date.now();
  };
  return {
    tell(value) {
      held = value;
      if (Date.now() - passedAt >= tellEveryMs) flush();
    },
    flush,
  };
}
