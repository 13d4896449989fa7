import { findRecord } from '@espalier/store';
import type { PlannedInstance } from '@espalier/study';
import type { RunListener } from '../tasks/events.ts';
import { type Failure, failureOf, type InstanceFailure } from '../tasks/failure.ts';
import type { Clock } from '../tasks/run-task.ts';
import type { Executor, Task, TaskOutputs, TaskWatcher } from '../tasks/task.ts';
import { type Finished, type TaskSetup, taskOf } from '../tasks/task-of.ts';
import { runWithRetries } from './attempts.ts';

/** Everything that running one instance may use. */
export interface InstanceSetup {
  readonly setup: TaskSetup;
  readonly executor: Executor;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly emit: RunListener;
  readonly finished: Finished;
  readonly failures: ReadonlyMap<string, Failure>;
  /** Of instances that were looked at before. */
  readonly tasks: Map<string, Task>;
}

/** What became of an instance; nothing at all when it was interrupted. */
export interface Ended {
  readonly key?: string;
  readonly outputs?: TaskOutputs;
  /** Another run has it. */
  readonly heldBy?: string;
  readonly failure?: InstanceFailure;
  readonly ms: number;
}

/** Takes an instance from the store, or takes its lease and runs it. Its sources are finished. */
export async function runInstance(instance: PlannedInstance, request: InstanceSetup): Promise<Ended> {
  const { setup, clock, signal, emit, finished, tasks } = request;
  const { id, passThrough } = instance;
  if (passThrough) {
    const outputs = [...passThrough].map(
      ([port, source]) => [port, finished.get(source.instance)![source.port]!] as const,
    );
    emit({ type: 'passed-through', instance: id });
    return { outputs: Object.fromEntries(outputs), ms: 0 };
  }
  const start = clock.now().getTime();
  const watcher: TaskWatcher = {
    signal,
    progress: (progress) => emit({ type: 'progress', instance: id, progress }),
    log: (line) => emit({ type: 'log', instance: id, line }),
    memory: (bytes) => emit({ type: 'memory', instance: id, bytes }),
    started() {},
  };
  const { store } = setup.bench;
  const isStored = async (task: Task): Promise<Ended | undefined> => {
    const found = await findRecord(store, task, { code: setup.code, ports: outputsOf(instance) });
    if (!found) return undefined;
    const { record, otherCode } = found;
    await store.used(record.key);
    emit({ type: 'cached', instance: id, key: record.key, ...(otherCode.length > 0 && { otherCode }) });
    return { key: record.key, outputs: record.outputs, ms: 0 };
  };
  try {
    const task = tasks.get(id) ?? (await prepare(instance, watcher, request));
    const stored = await isStored(task);
    if (stored) return stored;
    const lease = await store.leases.take(task.key);
    if (lease.heldBy !== null) return { heldBy: lease.heldBy, ms: 0 };
    try {
      // Whoever had the lease may have finished between the two looks.
      const made = await isStored(task);
      if (made) return made;
      const whileOurs = lease.lost ? { ...watcher, signal: AbortSignal.any([signal, lease.lost]) } : watcher;
      return { key: task.key, outputs: await runTaskOf(instance, task, whileOurs, request), ms: 0 };
    } catch (error) {
      if (!lease.lost?.aborted || signal.aborted) throw error;
      return { heldBy: String(lease.lost.reason), ms: 0 };
    } finally {
      await lease.release();
    }
  } catch (error) {
    if (signal.aborted) return { ms: 0 };
    return { failure: failureOf(error), ms: clock.now().getTime() - start };
  }
}

/** The ports that a result of `instance` must have. */
export function outputsOf({ type }: PlannedInstance): readonly string[] {
  return Object.keys(type.kind.outputs);
}

async function prepare(
  instance: PlannedInstance,
  { signal, progress, log }: TaskWatcher,
  { setup, finished, failures, tasks, emit }: InstanceSetup,
): Promise<Task> {
  const { id } = instance;
  emit({ type: 'preparing', instance: id });
  const { context } = setup;
  const watched = { ...context, services: { ...context.services, signal, progress, log } };
  const task = await taskOf(instance, finished, { ...setup, context: watched }, failures);
  emit({ type: 'keyed', instance: id, key: task.key, components: task.components });
  if (setup.refresh.has(id)) await setup.bench.store.forget(task.key);
  tasks.set(id, task);
  return task;
}

async function runTaskOf(
  { id, execution }: PlannedInstance,
  task: Task,
  watcher: TaskWatcher,
  { executor, clock, emit }: InstanceSetup,
): Promise<TaskOutputs> {
  let started = clock.now().getTime();
  let attempt = 1;
  let peakBytes = 0;
  const told: TaskWatcher = {
    ...watcher,
    started(where) {
      started = clock.now().getTime();
      emit({ type: 'started', instance: id, key: task.key, attempt, ...where });
    },
    memory(bytes) {
      peakBytes = Math.max(peakBytes, bytes);
      watcher.memory(bytes);
    },
  };
  const outputs = await runWithRetries(executor, task, execution, told, (failure, next, waitMs) => {
    attempt = next;
    emit({ type: 'retried', instance: id, ...failure, attempt, waitMs });
  });
  emit({ type: 'done', instance: id, key: task.key, ms: clock.now().getTime() - started, peakBytes });
  return outputs;
}
