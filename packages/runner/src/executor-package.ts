import { StudyError } from '@espalier/core';
import { importPackage } from './plugin-packages.ts';
import type { Executor } from './task.ts';

/** What an executor is made from. */
export interface ExecutorSettings {
  /** Where its server is, with credentials if it needs them; undefined when none was given. */
  readonly url: string | undefined;
  /** Folder of the store that every machine must see. */
  readonly storeFolder: string;
  /** Starts the executor of this machine, for those that run some tasks here. Whoever starts it closes it. */
  readonly startLocal: () => Executor;
}

/** What a package for `--executor` exports as `createExecutor`. */
export type CreateExecutor = (settings: ExecutorSettings) => Executor | Promise<Executor>;

/**
 * The executor of a package, which is imported only now: from `folder`, then the current one, then beside the runner.
 *
 * @param specifier npm name, or a path that starts at `folder`
 * @throws StudyError `plugin-not-found` when there is none; `plugin-invalid` when it makes no executor. No message holds
 *   the credentials of `settings.url`.
 */
export async function loadExecutor(specifier: string, folder: string, settings: ExecutorSettings): Promise<Executor> {
  const { exports } = await importPackage(specifier, folder);
  const create = (exports as { readonly createExecutor?: unknown }).createExecutor; // a module is an object
  if (typeof create !== 'function') {
    throw new StudyError(
      'plugin-invalid',
      `The package "${specifier}" exports no function createExecutor, so it is no executor. Name another with --executor.`,
    );
  }
  const made = await attempt(create as CreateExecutor, specifier, settings); // what it returns is looked at
  if (isExecutor(made)) return made;
  throw new StudyError(
    'plugin-invalid',
    `createExecutor of "${specifier}" returned no executor: expected name, slots (a whole number from 1 on), run and close. ` +
      'Tell whoever publishes it.',
  );
}

/** `text` with what is written before the @ of a URL left out. */
export function withoutCredentials(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)\S*@/gi, '$1***@');
}

async function attempt(create: CreateExecutor, specifier: string, settings: ExecutorSettings): Promise<unknown> {
  try {
    return await create(settings);
  } catch (error) {
    const reason = withoutCredentials(error instanceof Error ? error.message : String(error));
    // No cause: its text may hold the credentials.
    if (StudyError.is(error)) throw new StudyError(error.code, reason);
    throw new StudyError('plugin-invalid', `The executor "${specifier}" could not be started: ${reason}`);
  }
}

function isExecutor(value: unknown): value is Executor {
  if (typeof value !== 'object' || value === null) return false;
  const { name, slots, run, close } = value as Record<string, unknown>;
  const isWhole = typeof slots === 'number' && Number.isInteger(slots) && slots >= 1;
  return typeof name === 'string' && isWhole && typeof run === 'function' && typeof close === 'function';
}
