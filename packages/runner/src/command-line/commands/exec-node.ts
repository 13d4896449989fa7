import { hostname } from 'node:os';
import { StudyError } from '@espalier/core';
import { readText } from '../../opening/text-file.ts';
import { openStore, storeLocation } from '../../plugins/open-store.ts';
import { thisMachinesExecutor } from '../../services/container.ts';
import { failureOf } from '../../tasks/failure.ts';
import type { Task, TaskWatcher } from '../../tasks/task.ts';
import { checkedTask, checkInputs, codeCheck } from '../../tasks/task-check.ts';
import { largestTask } from '../../tasks/task-shape.ts';
import type { FromWorker } from '../../workers/worker-messages.ts';
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
    if (!made) {
      codeCheck(hostname())(task);
      await checkInputs(task, store);
    }
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

async function readTask(file: string): Promise<Task> {
  const text = await readText(file, { what: 'a task', fileName: file, code: 'files/invalid', most: largestTask });
  let task: unknown;
  try {
    task = JSON.parse(text);
  } catch (cause) {
    throw new StudyError('files/invalid', `The task ${file} cannot be read as JSON. An executor writes it.`, { cause });
  }
  try {
    return checkedTask(task);
  } catch (error) {
    if (!StudyError.is(error)) throw error;
    throw new StudyError(error.code, `${file}: ${error.message}`);
  }
}
