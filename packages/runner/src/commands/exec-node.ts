import { readFile } from 'node:fs/promises';
import { StudyError } from '@espalier/core';
import { createContainer, service } from '../container.ts';
import { failureOf } from '../failure.ts';
import { openStore, storeLocation } from '../open-store.ts';
import { runTask } from '../run-task.ts';
import type { Task } from '../task.ts';
import { isTask } from '../task-check.ts';
import { tokens } from '../tokens.ts';
import type { FromWorker } from '../worker-messages.ts';
import { onInterrupt } from './interruption.ts';
import type { Output } from './output.ts';

/**
 * Runs one task, written as JSON, against a store; for schedulers that start processes. What a worker tells its parent is
 * printed, a line of JSON each.
 */
export async function execNodeCommand(
  file: string,
  store: string,
  interruption: AbortController,
  output: Output,
): Promise<number> {
  const task = await readTask(file);
  const container = createContainer({ store: await openStore(storeLocation(store)) });
  const tell = (message: FromWorker): void => output.write(`${JSON.stringify(message)}\n`);
  const { signal } = interruption;
  const stop = onInterrupt(() => interruption.abort());
  const host = {
    signal,
    progress: (progress: Extract<FromWorker, { type: 'progress' }>['progress']) => tell({ type: 'progress', progress }),
    log: (line: string) => tell({ type: 'log', line }),
  };
  const bench = service(container, tokens.workbench);
  try {
    const made = await bench.store.record(task.key);
    const outputs = made?.outputs ?? (await runTask(task, host, bench, service(container, tokens.clock)));
    tell({ type: 'done', outputs });
    return 0;
  } catch (error) {
    if (signal.aborted) return 130;
    tell({ type: 'failed', failure: failureOf(error) });
    return 1;
  } finally {
    stop();
    bench.live.closeAll();
  }
}

async function readTask(file: string): Promise<Task> {
  let task: unknown;
  try {
    task = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new StudyError('file-invalid', `The task ${file} cannot be read as JSON. An executor writes it.`, { cause });
  }
  if (isTask(task)) return task;
  throw new StudyError(
    'file-invalid',
    `The task ${file} has a key that is not that of its parts. It was changed by hand, or comes from another version of Espalier.`,
  );
}
