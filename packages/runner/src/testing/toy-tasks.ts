import { StudyError } from '@espalier/core';
import { keyComponents, keyOf, sha256 } from '@espalier/store';
import { failureOf } from '../tasks/failure.ts';
import type { Executor, Task, TaskOutputs, TaskWatcher } from '../tasks/task.ts';
import type { ServeSettings } from '../workers/serving.ts';

/** What a toy task does: it is done at once, fails, or goes on until it is stopped. */
export type Toy = 'done' | 'fails' | 'fails-for-now' | 'goes-on';

/** A task that nobody but these laws can do, as plain as a real one. */
export function toyTask(what: Toy, seed = 0): Task {
  const components = keyComponents({
    type: `toys/${what}`,
    cacheVersion: '1',
    opens: {},
    packages: { toys: { version: '1.0.0', code: null, draft: false } },
    options: {},
    ...{ fingerprint: null, inputs: {}, baseline: null, seed, numerics: null, report: null },
  });
  const instance = `toy[seed=${seed}]`;
  return {
    key: keyOf(components),
    components,
    origin: { instance, node: 'toy', use: `toys/${what}`, labels: { seed } },
    ...{ kind: 'metric', package: 'toys', plugin: what, options: { plugin: {}, kind: {} }, seed },
    ...{ inputs: {}, baseline: null, provenance: null },
    resources: { cores: 1, memoryBytes: null, gpus: 0, exclusive: false },
    packages: { toys: 'toys' },
    ...{ compute: { engine: 'auto', inference: 'exact', training: 'exact' }, folder: '.', cacheFolder: '.' },
  };
}

/** What comes of a toy task. */
export function outputsOf({ key }: Task): TaskOutputs {
  const digest = sha256(key);
  return { scores: { kind: 'scores', digest, manifest: digest, bytes: 1 } };
}

/** Where toy tasks are done: this process, which notes what it is asked. */
export interface ToyPlace {
  readonly tasks: Task[];
  /** Tasks that have been stopped, by their key. */
  readonly stopped: string[];
  /** Executors that were started and not closed. */
  open: number;
  readonly startLocal: () => Executor;
  readonly perform: ServeSettings['perform'];
}

/** A place where nothing has been done yet. */
export function toyPlace(): ToyPlace {
  const [tasks, stopped]: [Task[], string[]] = [[], []];
  const run = async (task: Task, watcher: TaskWatcher): Promise<TaskOutputs> => {
    tasks.push(task);
    watcher.started({ pid: process.pid });
    watcher.progress({ done: 1, total: 2, unit: 'images' });
    watcher.log(`doing ${task.origin.instance}`);
    if (task.plugin === 'goes-on') await stop(watcher.signal).finally(() => stopped.push(task.key));
    if (task.plugin !== 'done')
      throw new StudyError('toys/failed', `The toy ${task.plugin}.`, { transient: task.plugin === 'fails-for-now' });
    return outputsOf(task);
  };
  const place: ToyPlace = {
    ...{ tasks, stopped, open: 0 },
    startLocal() {
      place.open++;
      const close = async (): Promise<void> => void place.open--;
      return { name: 'local', slots: 2, run, close };
    },
    perform: (task, watcher) =>
      run(task, watcher).then(
        (outputs) => ({ type: 'done', outputs }),
        (error) => ({ type: 'failed', failure: failureOf(error) }),
      ),
  };
  return place;
}

/** Ends when the signal is aborted, with its reason. */
function stop(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
