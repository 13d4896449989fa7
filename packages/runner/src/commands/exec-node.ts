import { StudyError } from '@espalier/core';
import { thisMachinesExecutor } from '../container.ts';
import { failureOf } from '../failure.ts';
import { openStore, storeLocation } from '../open-store.ts';
import type { Task, TaskWatcher } from '../task.ts';
import { isTask } from '../task-check.ts';
import { deepest, isTooDeep } from '../text-bounds.ts';
import { readText } from '../text-file.ts';
import type { FromWorker } from '../worker-messages.ts';
import { onInterrupt } from './interruption.ts';
import type { Output } from './output.ts';

/**
 * Runs one task, written as JSON, against a store; for schedulers that start processes. What a worker tells is printed, a line
 * of JSON each. The work is done in a worker process, so that SIGTERM stops it also in the middle of a long call, and a crash
 * is told with its reason.
 */
export async function execNodeCommand(
  file: string,
  storeAt: string,
  interruption: AbortController,
  output: Output,
): Promise<number> {
  const task = await readTask(file);
  const store = await openStore(storeLocation(storeAt));
  const executor = thisMachinesExecutor(store, 1);
  const tell = (message: FromWorker): void => output.writeJson(message);
  const { signal } = interruption;
  const stop = onInterrupt(() => interruption.abort());
  const watcher: TaskWatcher = {
    signal,
    started() {},
    memory() {},
    progress: (progress) => tell({ type: 'progress', progress }),
    log: (line) => tell({ type: 'log', line }),
  };
  try {
    const made = await store.record(task.key);
    tell({ type: 'done', outputs: made?.outputs ?? (await executor.run(task, watcher)) });
    return 0;
  } catch (error) {
    if (signal.aborted) return 130;
    tell({ type: 'failed', failure: failureOf(error) });
    return 1;
  } finally {
    stop();
    await executor.close();
  }
}

// The task of a report names every instance that it shows.
const largestTask = 64 * 2 ** 20;

async function readTask(file: string): Promise<Task> {
  const text = await readText(file, { what: 'a task', fileName: file, code: 'file-invalid', most: largestTask });
  let task: unknown;
  try {
    task = JSON.parse(text);
  } catch (cause) {
    throw new StudyError('file-invalid', `The task ${file} cannot be read as JSON. An executor writes it.`, { cause });
  }
  if (isTooDeep(task))
    throw new StudyError(
      'file-invalid',
      `The task ${file} is nested more than ${deepest} deep. An executor writes it.`,
    );
  if (isTask(task)) return task;
  throw new StudyError(
    'file-invalid',
    `The task ${file} has a key that is not that of its parts. It was changed by hand, or comes from another version of Espalier.`,
  );
}
