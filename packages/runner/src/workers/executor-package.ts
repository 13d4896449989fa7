import { setTimeout as pause } from 'node:timers/promises';
import { checkContract, StudyError } from '@espalier/core';
import { withoutSecrets } from '@espalier/secrets';
import type { KeyRecord, Store } from '@espalier/store';
import { importPackage, shortNamed } from '../plugins/plugin-packages.ts';
import type { Executor } from '../tasks/task.ts';
import type { ServeTasks } from './serving.ts';

/** What an executor is made from. */
export interface ExecutorSettings {
  /** Where its server is, with credentials if it needs them; undefined when none was given. */
  readonly url: string | undefined;
  /** Folder or URL of the store, which every machine must see. */
  readonly storeAt: string;
  /** 16 digits that are the same wherever the store is mounted, and no other store's. */
  readonly storeId: string;
  /** Starts the executor of this machine, for those that run some tasks here. Whoever starts it closes it. */
  readonly startLocal: () => Executor;
}

/** What a package for `--executor` exports as `createExecutor`. */
export type CreateExecutor = (settings: ExecutorSettings) => Executor | Promise<Executor>;

/** The package that `--executor` names: `bullmq` is short for `@espalier/executor-bullmq`, `mine` for `espalier-executor-mine`. */
function executorPackage(name: string, folder: string): string {
  return /^[a-z0-9-]+$/.test(name) ? shortNamed('executor', name, folder) : name;
}

/**
 * The executor of a package, which is imported only now: from `folder`, then the current one, then beside the runner.
 *
 * @param name npm name, a short one, or a path that starts at `folder`
 * @throws StudyError `runner/plugin-not-found` when there is none; `core/plugin-invalid` when it makes no executor. No message holds
 *   the credentials of `settings.url`.
 */
export async function loadExecutor(
  name: string,
  folder: string,
  settings: ExecutorSettings,
  store: Store,
): Promise<Executor> {
  const specifier = executorPackage(name, folder);
  const create = await exported<CreateExecutor>(specifier, folder, 'createExecutor');
  const made: unknown = await toldWithoutSecrets(specifier, () => create(settings)); // what it returns is looked at
  if (isExecutor(made)) return watchful(made, specifier, store);
  throw new StudyError(
    'core/plugin-invalid',
    `createExecutor of "${specifier}" returned no executor: expected name, slots (a whole number from 1 on), run and close. ` +
      'Tell whoever publishes it.',
  );
}

/** What an executor's package exports for the machines that run its tasks. Errors are those of {@link loadExecutor}. */
export async function loadServing(name: string, folder: string): Promise<ServeTasks> {
  const specifier = executorPackage(name, folder);
  const serve = await exported<ServeTasks>(specifier, folder, 'serveTasks');
  return (settings) => toldWithoutSecrets(specifier, () => serve(settings));
}

async function exported<Made>(
  specifier: string,
  folder: string,
  what: 'createExecutor' | 'serveTasks',
): Promise<Made & ((...settings: never[]) => unknown)> {
  const { exports } = await importPackage(specifier, folder);
  checkContract(exports, specifier, what);
  const found = (exports as Readonly<Record<string, unknown>>)[what]; // a module is an object
  if (typeof found === 'function') return found as Made & ((...settings: never[]) => unknown); // its results are looked at
  const means = what === 'createExecutor' ? 'it is no executor' : 'no worker can serve it';
  throw new StudyError(
    'core/plugin-invalid',
    `The package "${specifier}" exports no function ${what}, so ${means}. Name another with --executor.`,
  );
}

// No cause: its text may hold secrets.
async function toldWithoutSecrets<Value>(specifier: string, what: () => Value | Promise<Value>): Promise<Value> {
  try {
    return await what();
  } catch (error) {
    const reason = withoutSecrets(error instanceof Error ? error.message : String(error));
    if (StudyError.is(error)) throw new StudyError(error.code, reason);
    throw new StudyError('core/plugin-invalid', `The executor "${specifier}" could not be started: ${reason}`);
  }
}

/** The same executor: its errors and logs hold no credentials, and what it says is done is in the store. */
function watchful(inner: Executor, specifier: string, store: Store): Executor {
  const cleaned = (error: unknown): unknown => {
    if (!(error instanceof Error)) return error;
    const text = withoutSecrets(error.message);
    if (text === error.message) return error;
    return StudyError.is(error) ? new StudyError(error.code, text, { transient: error.transient }) : new Error(text);
  };
  return {
    name: inner.name,
    slots: inner.slots,
    async run(task, watcher) {
      try {
        const log = (line: string): void => watcher.log(withoutSecrets(line));
        await inner.run(task, { ...watcher, log });
        const record = await storedRecord(store, task.key);
        if (record) return record.outputs; // whatever the executor says they are
      } catch (error) {
        watcher.signal.throwIfAborted();
        throw cleaned(error);
      }
      throw new StudyError(
        'core/plugin-invalid',
        `The executor "${specifier}" says that ${task.origin.instance} is done, but the store ${store.location} has no record of it. ` +
          'Does every machine see the same store?',
      );
    },
    ...(inner.numericsOf && {
      numericsOf: (...asked) => inner.numericsOf!(...asked).catch((error) => Promise.reject(cleaned(error))),
    }),
    warmUp: () => inner.warmUp?.(),
    release: (artifact) => inner.release?.(artifact),
    close: () => inner.close(),
  };
}

// A network drive may show a new file late.
const laterMs = [0, 100, 500, 3000];

async function storedRecord(store: Store, key: string): Promise<KeyRecord | undefined> {
  for (const wait of laterMs) {
    if (wait > 0) await pause(wait);
    const record = await store.record(key);
    if (record) return record;
  }
  return undefined;
}

function isExecutor(value: unknown): value is Executor {
  if (typeof value !== 'object' || value === null) return false;
  const { name, slots, run, close } = value as Record<string, unknown>;
  const isWhole = typeof slots === 'number' && Number.isInteger(slots) && slots >= 1;
  return typeof name === 'string' && isWhole && typeof run === 'function' && typeof close === 'function';
}
