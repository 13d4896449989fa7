import { type ErrorCode, StudyError } from '@espalier/core';
import type { Execution, RetryReason } from '@espalier/study';
import { failureOf, type InstanceFailure } from '../tasks/failure.ts';
import type { Executor, Task, TaskOutputs, TaskWatcher } from '../tasks/task.ts';
import { duration } from '../text/format.ts';
import { longWait } from './long-wait.ts';

/** Who hears of further attempts. */
export type RetryListener = (failure: InstanceFailure, attempt: number, waitMs: number) => void;

/**
 * Runs a task, and again while the study asks for it and the failure may pass. After an out-of-memory kill it gets twice
 * the memory that was declared for it, or the machine for itself where none was.
 *
 * @throws StudyError of the last attempt; the signal's reason when aborted
 */
export async function runWithRetries(
  executor: Executor,
  first: Task,
  { retry, timeoutMs }: Pick<Execution, 'retry' | 'timeoutMs'>,
  watcher: TaskWatcher,
  retried: RetryListener,
): Promise<TaskOutputs> {
  const { signal } = watcher;
  let task = first;
  for (let attempt = 1; ; attempt++) {
    try {
      return await runInTime(executor, task, timeoutMs, watcher);
    } catch (error) {
      signal.throwIfAborted();
      const failure = failureOf(error);
      const reason = retryReasonOf(failure);
      if (!reason || !retry.on.includes(reason) || retry.max === 0) throw error;
      if (attempt > retry.max) {
        throw new StudyError(failure.code, `${failure.text} It was tried ${attempt} times.`, {
          cause: error,
          transient: failure.transient ?? false,
        });
      }
      const waitMs = retry.backoffMs * 2 ** (attempt - 1);
      retried(failure, attempt + 1, waitMs);
      await longWait(waitMs, signal);
      if (reason === 'oom') task = { ...task, resources: withMoreMemory(task.resources) };
    }
  }
}

function withMoreMemory(resources: Task['resources']): Task['resources'] {
  const { memoryBytes } = resources;
  return memoryBytes === null ? { ...resources, exclusive: true } : { ...resources, memoryBytes: 2 * memoryBytes };
}

// The clock starts when the task does: waiting for a free core is not its fault.
async function runInTime(
  executor: Executor,
  task: Task,
  timeoutMs: number | null,
  watcher: TaskWatcher,
): Promise<TaskOutputs> {
  if (timeoutMs === null) return executor.run(task, watcher);
  const [late, over] = [new AbortController(), new AbortController()];
  let hasStarted = false;
  const started: TaskWatcher['started'] = (where) => {
    if (!hasStarted)
      longWait(timeoutMs, over.signal).then(
        () => late.abort(timedOut(timeoutMs)),
        () => {}, // it has ended in time
      );
    hasStarted = true;
    watcher.started(where);
  };
  try {
    return await executor.run(task, { ...watcher, started, signal: AbortSignal.any([watcher.signal, late.signal]) });
  } finally {
    over.abort();
  }
}

function timedOut(timeoutMs: number): StudyError {
  return new StudyError(
    'runner/timed-out',
    `It took longer than its "timeout" of ${duration(timeoutMs)} and was stopped. Raise "timeout", or make its work smaller.`,
  );
}

/** Which kind a failure is of; undefined for one that would only happen again. */
function retryReasonOf({ code, transient }: InstanceFailure): RetryReason | undefined {
  const reasons: Partial<Record<ErrorCode, RetryReason>> = {
    'runner/out-of-memory': 'oom',
    'runner/worker-lost': 'worker-lost',
    'runner/timed-out': 'timeout',
  };
  return transient ? 'transient' : reasons[code];
}
