import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { CreateExecutor, Executor, ServeTasks, TaskEnd, TaskWatcher } from '../src/index.ts';
import { errorOf } from '../src/tasks/failure.ts';
import { describeExecutor, type ExecutorMaker, executorLaws } from '../src/testing/index.ts';

describeExecutor('an executor that runs tasks here', { create: ({ startLocal }) => startLocal() });

type Serving = Parameters<ServeTasks>[0];

/** Executors that find who serves their store in memory, as others do by a server. */
function served(): ExecutorMaker {
  const serving = new Map<string, Serving>();
  const serve: ServeTasks = async (settings) => void serving.set(settings.storeId, settings);
  const create: CreateExecutor = ({ storeId }) => ({
    ...{ name: 'elsewhere', slots: 3 },
    async run(task, watcher) {
      const end: TaskEnd = await serving.get(storeId)!.perform(task, watcher);
      watcher.signal.throwIfAborted();
      if (end.type === 'done') return end.outputs;
      throw errorOf(end.failure);
    },
    async close() {},
  });
  return { create, serve };
}

describeExecutor('an executor whose tasks others run', served());

/** Runs tasks here, with something wrong. */
const changed = (change: (local: Executor) => Partial<Executor>): ExecutorMaker => ({
  create({ startLocal }) {
    const local = startLocal();
    return { ...local, ...change(local) };
  },
});

const deaf: Omit<TaskWatcher, 'signal'> = { started() {}, memory() {}, progress() {}, log() {} };

// Each law must catch the mistake it exists for.
const broken: Record<keyof typeof executorLaws, ExecutorMaker> = {
  'has a name, and takes one task at least': changed(() => ({ slots: 0 })),
  'hands a task on as it is, and gives back what came of it': changed(({ run }) => ({
    run: ({ resources: _, ...task }, watcher) => run(task as never, watcher), // without what it needs, on purpose
  })),
  'tells that a task has started, how far it is, and what it logs': changed(({ run }) => ({
    run: (task, { signal, started }) => run(task, { ...deaf, signal, started }),
  })),
  'does every task once, however many are asked for': changed(({ run }) => ({
    run: (task, watcher) => run(task, watcher).then(() => run(task, watcher)),
  })),
  'throws what a task threw: its code, its text, and whether another attempt may succeed': changed(({ run }) => ({
    run: (task, watcher) =>
      run(task, watcher).catch((error: Error) => {
        throw new Error(error.message);
      }),
  })),
  'stops a task that nobody wants any more within two seconds, with their reason, and does others after it': changed(
    ({ run }) => ({
      run: (task, watcher) => run(task, watcher).catch((error) => pause(2100).then(() => Promise.reject(error))),
    }),
  ),
  'closes what it has started': changed(() => ({ close: async () => {} })),
};

describe('a broken executor is caught', { concurrent: true }, () => {
  test.each(Object.entries(broken))('by "%s"', async (law, maker) => {
    await expect(executorLaws[law]!(maker)).rejects.toThrow();
  });
});

test('every law has its broken executor', () => {
  expect(Object.keys(broken)).toEqual(Object.keys(executorLaws));
});
