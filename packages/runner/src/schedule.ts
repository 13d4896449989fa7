import { type ErrorCode, StudyError } from '@espalier/core';
import type { ArtifactRef } from './artifact-kinds.ts';
import type { RunListener } from './events.ts';
import { findRecord } from './find-record.ts';
import { lastUses, sourcesOf } from './last-use.ts';
import type { PlannedInstance } from './plan.ts';
import type { Clock } from './run-task.ts';
import type { Executor, TaskWatcher } from './task.ts';
import { type Finished, type TaskSurroundings, taskOf } from './task-of.ts';

/** Why an instance has no results. */
export type Failure = { readonly code: ErrorCode; readonly text: string } | { readonly because: string };

export interface ScheduleResult {
  readonly finished: Finished;
  readonly failures: ReadonlyMap<string, Failure>;
  readonly interrupted: boolean;
}

export interface ScheduleRequest {
  readonly instances: readonly PlannedInstance[];
  readonly around: TaskSurroundings;
  readonly executor: Executor;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly emit: RunListener;
}

/**
 * Runs instances one at a time, each after what it uses. What does not depend on a failed one goes on.
 *
 * Among those that are ready, the one with the fewest dependants goes first: what only uses a model is done before
 * the next model is made, so few are open at once.
 */
export async function schedule(request: ScheduleRequest): Promise<ScheduleResult> {
  const { instances, signal, executor } = request;
  const finished = new Map<string, Readonly<Record<string, ArtifactRef>>>();
  const failures = new Map<string, Failure>();
  const spentBy = lastUses(instances);
  let full: string | undefined;
  for (const instance of inGoodOrder(instances)) {
    if (signal.aborted) break;
    const because = full ?? missingSource(instance, failures);
    if (because !== undefined) {
      failures.set(instance.id, { because });
      request.emit({ type: 'skipped', instance: instance.id, because });
    } else await runOne(instance, finished, failures, request);
    const failure = failures.get(instance.id);
    // Nothing can be kept on a full disk, so nothing more is worth computing.
    if (failure && 'code' in failure && failure.code === 'disk-full') full = instance.id;
    for (const artifact of spentBy(instance, finished)) executor.release?.(artifact);
  }
  return { finished, failures, interrupted: signal.aborted };
}

async function runOne(
  instance: PlannedInstance,
  finished: Map<string, Readonly<Record<string, ArtifactRef>>>,
  failures: Map<string, Failure>,
  { around, executor, clock, signal, emit }: ScheduleRequest,
): Promise<void> {
  const { id, handsOn } = instance;
  if (handsOn) {
    const outputs = [...handsOn].map(([port, source]) => [port, finished.get(source.instance)![source.port]!] as const);
    finished.set(id, Object.fromEntries(outputs));
    emit({ type: 'handed-on', instance: id });
    return;
  }
  const start = clock.now().getTime();
  try {
    emit({ type: 'preparing', instance: id });
    const watcher: TaskWatcher = {
      signal,
      progress: (progress) => emit({ type: 'progress', instance: id, progress }),
      log: (line) => emit({ type: 'log', instance: id, line }),
    };
    const task = await taskOf(instance, finished, watched(around, watcher));
    emit({ type: 'keyed', instance: id, key: task.key, components: task.components });
    const found = await findRecord(around.bench.store, task, { code: around.code, ports: outputsOf(instance) });
    if (found) {
      const { record, otherCode } = found;
      finished.set(id, record.outputs);
      emit({ type: 'cached', instance: id, key: record.key, ...(otherCode.length > 0 && { otherCode }) });
      return;
    }
    emit({ type: 'started', instance: id, key: task.key });
    const outputs = await executor.run(task, watcher);
    finished.set(id, outputs);
    emit({ type: 'done', instance: id, key: task.key, ms: clock.now().getTime() - start });
  } catch (error) {
    if (signal.aborted) return;
    const failure = failureOf(error);
    failures.set(id, failure);
    emit({ type: 'failed', instance: id, ...failure, ms: clock.now().getTime() - start });
  }
}

/** The ports that a result of `instance` must have. */
export function outputsOf({ type }: PlannedInstance): readonly string[] {
  return Object.keys(type.kind.outputs);
}

function watched(around: TaskSurroundings, watcher: TaskWatcher): TaskSurroundings {
  const { context } = around;
  return { ...around, context: { ...context, services: { ...context.services, ...watcher } } };
}

function failureOf(error: unknown): { readonly code: ErrorCode; readonly text: string } {
  if (StudyError.is(error)) return { code: error.code, text: error.message };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'instance-failed', text };
}

/** The failed instance that `instance` cannot do without, directly or through others. */
function missingSource(instance: PlannedInstance, failures: ReadonlyMap<string, Failure>): string | undefined {
  const missing = sourcesOf(instance).find((source) => failures.has(source));
  if (missing === undefined) return undefined;
  const failure = failures.get(missing)!;
  return 'because' in failure ? failure.because : missing;
}

function inGoodOrder(instances: readonly PlannedInstance[]): readonly PlannedInstance[] {
  const waiting = new Map(instances.map((instance) => [instance.id, new Set(sourcesOf(instance))]));
  const dependants = new Map<string, PlannedInstance[]>(instances.map(({ id }) => [id, []]));
  for (const instance of instances)
    for (const source of waiting.get(instance.id)!) dependants.get(source)?.push(instance);
  const weight = (instance: PlannedInstance): number => dependants.get(instance.id)!.length;
  const lightFirst = (list: readonly PlannedInstance[]) => [...list].reverse().sort((a, b) => weight(b) - weight(a));
  // A stack whose top is the lightest of what became ready last.
  const ready = lightFirst(instances.filter(({ id }) => waiting.get(id)!.size === 0));
  const order: PlannedInstance[] = [];
  for (let next = ready.pop(); next; next = ready.pop()) {
    order.push(next);
    const freed = dependants.get(next.id)!.filter(({ id }) => {
      const sources = waiting.get(id)!;
      return sources.delete(next.id) && sources.size === 0;
    });
    ready.push(...lightFirst(freed));
  }
  return order;
}
