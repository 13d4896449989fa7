import type { Numerics } from '@espalier/core';
import { withoutSecrets } from '@espalier/secrets';
import type { ArtifactRef, Store } from '@espalier/store';
import { failureOf, type InstanceFailure } from '../tasks/failure.ts';
import type { Executor, Task, TaskOutputs, TaskPlace, TaskWatcher } from '../tasks/task.ts';
import { checkArtifact, checkedTask, checkInputs, checkPlace, codeCheck } from '../tasks/task-check.ts';
import { questionShape } from '../tasks/task-shape.ts';

/** What came of a task. Plain JSON. */
export type TaskEnd =
  | { readonly type: 'done'; readonly outputs: TaskOutputs }
  | { readonly type: 'failed'; readonly failure: InstanceFailure };

/** What this machine offers to an executor's runs, and how it does what they ask for. */
export interface ServeSettings {
  /** Where the executor's server is, as the run has it. */
  readonly url: string | undefined;
  /** 16 digits that are the same wherever the store is mounted, and no other store's. */
  readonly storeId: string;
  /** How many tasks may run at once: those that declare GPUs, and the others. */
  readonly slots: { readonly cpu: number; readonly gpu: number };
  /** Runs a task in another process of this machine, or takes it from the store. Never throws. */
  readonly perform: (task: Task, watcher: TaskWatcher) => Promise<TaskEnd>;
  /** What the factory of a stored model computes with here. Never throws. */
  readonly numericsOf: (
    model: ArtifactRef,
    place: TaskPlace,
  ) => Promise<
    { readonly type: 'numerics'; readonly numerics: Numerics } | Extract<TaskEnd, { readonly type: 'failed' }>
  >;
  /** Aborted when no more shall be taken; what runs is then stopped. */
  readonly signal: AbortSignal;
  /** Tells a person at this machine. */
  readonly log: (line: string) => void;
}

/** What a package for `--executor` exports as `serveTasks`: takes tasks until the signal is aborted. */
export type ServeTasks = (settings: ServeSettings) => Promise<void>;

/** How tasks of other machines are run on this one. */
export interface PerformOptions {
  readonly executor: Executor;
  readonly store: Store;
  /** The name of this machine. */
  readonly machine: string;
  /** Moves a task to the folders of this machine. */
  readonly placed: <Place extends TaskPlace>(place: Place) => Place;
}

/** Runs what other machines ask for, when it is what it says, and the code here is theirs. */
export function performer({
  executor,
  store,
  machine,
  placed,
}: PerformOptions): Pick<ServeSettings, 'perform' | 'numericsOf'> {
  const checkCode = codeCheck(machine);
  const perform = async (asked: Task, watcher: TaskWatcher): Promise<TaskOutputs> => {
    const task = placed(checkedTask(asked));
    const made = await store.record(task.key);
    if (made) return made.outputs;
    checkCode(task);
    await checkInputs(task, store);
    return executor.run(task, watcher);
  };
  return {
    perform: (task, { log, ...watcher }) =>
      perform(task, { ...watcher, log: (line) => log(withoutSecrets(line)) }).then(
        (outputs) => ({ type: 'done', outputs }),
        (error) => ({ type: 'failed', failure: failureOf(error) }),
      ),
    numericsOf: async (model, place) => {
      try {
        const asked = questionShape({ model, place });
        checkPlace(asked.place);
        await checkArtifact(asked.model, store);
        return { type: 'numerics', numerics: await executor.numericsOf!(asked.model, placed(asked.place)) };
      } catch (error) {
        return { type: 'failed', failure: failureOf(error) };
      }
    },
  };
}
