import { StudyError } from '@espalier/core';
import { describe, expect, test, vi } from 'vitest';
import type { Executor, TaskWatcher } from '../tasks/task.ts';
import type { CreateExecutor } from '../workers/executor-package.ts';
import type { ServeTasks } from '../workers/serving.ts';
import { outputsOf, type ToyPlace, toyPlace, toyTask } from './toy-tasks.ts';

/** How the executor under test is made, and who does what it hands on. */
export interface ExecutorMaker {
  readonly create: CreateExecutor;
  /** Of one that runs tasks on other machines: what these run, here beside it. Without it, it has what `startLocal` starts. */
  readonly serve?: ServeTasks;
  /** Where its server is. */
  readonly url?: string;
}

/** What every executor promises. Each law throws when the promise is broken. */
export const executorLaws: Readonly<Record<string, (maker: ExecutorMaker) => Promise<unknown>>> = {
  'has a name, and takes one task at least': (maker) =>
    withExecutor(maker, async ({ name, slots }) => {
      expect(typeof name === 'string' && name.trim() !== '', 'a name').toBe(true);
      expect(Number.isInteger(slots) && slots >= 1, `slots, a whole number from 1 on: ${slots}`).toBe(true);
    }),

  'hands a task on as it is, and gives back what came of it': (maker) =>
    withExecutor(maker, async (executor, place) => {
      const task = toyTask('done');
      expect(await executor.run(structuredClone(task), watcher())).toEqual(outputsOf(task));
      expect(place.tasks).toEqual([task]);
    }),

  'tells that a task has started, how far it is, and what it logs': (maker) =>
    withExecutor(maker, async (executor) => {
      const [started, progress, log] = [vi.fn(), vi.fn(), vi.fn()];
      await executor.run(toyTask('done', 7), { ...watcher(), started, progress, log });
      expect(started).toHaveBeenCalledOnce();
      expect(progress).toHaveBeenCalledWith({ done: 1, total: 2, unit: 'images' });
      expect(log).toHaveBeenCalledWith('doing toy[seed=7]');
    }),

  'does every task once, however many are asked for': (maker) =>
    withExecutor(maker, async (executor, place) => {
      const tasks = [0, 1, 2, 3, 4].map((seed) => toyTask('done', seed));
      const outputs = await Promise.all(tasks.map((task) => executor.run(task, watcher())));
      expect(outputs).toEqual(tasks.map(outputsOf));
      expect(place.tasks.map(({ key }) => key).sort()).toEqual(tasks.map(({ key }) => key).sort());
    }),

  'throws what a task threw: its code, its text, and whether another attempt may succeed': (maker) =>
    withExecutor(maker, async (executor) => {
      for (const what of ['fails', 'fails-for-now'] as const) {
        const { code, message, transient } = await errorOf(executor.run(toyTask(what), watcher()));
        expect({ code, message, transient }).toEqual({
          ...{ code: 'toys/failed', message: `The toy ${what}.`, transient: what === 'fails-for-now' },
        });
      }
    }),

  'stops a task that nobody wants any more within two seconds, with their reason, and does others after it': (maker) =>
    withExecutor(maker, async (executor, place) => {
      const enough = new AbortController();
      const task = toyTask('goes-on');
      const running = executor.run(task, {
        ...watcher(enough.signal),
        started: () => enough.abort(new Error('enough')),
      });
      running.catch(() => {}); // it may end before anybody looks
      await vi.waitFor(() => expect(enough.signal.aborted).toBe(true), { timeout: patienceMs, interval: 10 });
      const since = performance.now();
      await expect(running).rejects.toThrow('enough');
      expect(performance.now() - since, 'milliseconds until it stopped').toBeLessThan(2000);
      await vi.waitFor(() => expect(place.stopped).toEqual([task.key]), { timeout: 2000, interval: 10 });
      expect(await executor.run(toyTask('done'), watcher())).toEqual(outputsOf(toyTask('done')));
    }),

  async 'closes what it has started'(maker) {
    const place = await withExecutor(maker, async (executor) => {
      await executor.run(toyTask('done'), watcher());
    });
    expect(place.open, 'executors of this machine that are still open').toBe(0);
  },
};

/** Registers the laws as tests of the executor `name`. */
export function describeExecutor(name: string, maker: ExecutorMaker): void {
  describe(`${name} keeps the laws of executors`, () => {
    for (const [law, check] of Object.entries(executorLaws)) test(law, () => check(maker));
  });
}

const patienceMs = 20_000;
let places = 0;

async function withExecutor(
  { create, serve, url }: ExecutorMaker,
  use: (executor: Executor, place: ToyPlace) => Promise<void>,
): Promise<ToyPlace> {
  const place = toyPlace();
  const over = new AbortController();
  const storeId = String(++places).padStart(16, '0'); // jobs of one law are not those of another
  const { startLocal, perform } = place;
  const numericsOf = async () => Promise.reject(new Error('No toy asks for it.'));
  const slots = { cpu: 2, gpu: 0 };
  const serving = serve?.({ url, storeId, slots, perform, numericsOf, signal: over.signal, log() {} });
  const executor = await create({ url, storeId, storeAt: '.', startLocal });
  try {
    await use(executor, place);
  } finally {
    await executor.close();
    over.abort();
    await serving;
  }
  return place;
}

function watcher(signal = new AbortController().signal): TaskWatcher {
  return { signal, started() {}, memory() {}, progress() {}, log() {} };
}

async function errorOf(running: Promise<unknown>): Promise<StudyError> {
  const error: unknown = await running.then(
    () => 'nothing was thrown',
    (reason: unknown) => reason,
  );
  if (StudyError.is(error)) return error;
  throw new Error(`Expected a StudyError with its code; found ${String(error)}.`);
}
