import { type ErrorCode, StudyError } from '@espalier/core';
import type { ArtifactRef } from './artifact-kinds.ts';
import type { RunListener } from './events.ts';
import type { PlannedInstance } from './plan.ts';
import type { Clock } from './run-task.ts';
import type { Executor } from './task.ts';
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
  const uses = remainingUses(instances);
  for (const instance of inGoodOrder(instances)) {
    if (signal.aborted) break;
    const missing = sourcesOf(instance).find((source) => failures.has(source));
    if (missing !== undefined) {
      const because = rootCause(missing, failures);
      failures.set(instance.id, { because });
      request.emit({ type: 'skipped', instance: instance.id, because });
    } else await runOne(instance, finished, failures, request);
    releaseUnused(instance, uses, finished, executor);
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
    const task = await taskOf(instance, finished, around);
    const record = await around.bench.store.record(task.key);
    if (record) {
      finished.set(id, record.outputs);
      emit({ type: 'cached', instance: id, key: task.key });
      return;
    }
    emit({ type: 'started', instance: id, key: task.key });
    const outputs = await executor.run(task, {
      signal,
      progress: (progress) => emit({ type: 'progress', instance: id, progress }),
      log: (line) => emit({ type: 'log', instance: id, line }),
    });
    finished.set(id, outputs);
    emit({ type: 'done', instance: id, key: task.key, ms: clock.now().getTime() - start });
  } catch (error) {
    if (signal.aborted) return;
    const failure = failureOf(error);
    failures.set(id, failure);
    emit({ type: 'failed', instance: id, ...failure, ms: clock.now().getTime() - start });
  }
}

function failureOf(error: unknown): { readonly code: ErrorCode; readonly text: string } {
  if (StudyError.is(error)) return { code: error.code, text: error.message };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'instance-failed', text };
}

function rootCause(id: string, failures: ReadonlyMap<string, Failure>): string {
  const failure = failures.get(id);
  return failure && 'because' in failure ? failure.because : id;
}

function sourcesOf({ inputs, baseline, handsOn }: PlannedInstance): readonly string[] {
  const all = [...inputs.values(), ...(baseline?.values() ?? [])].flat().map(({ instance }) => instance);
  return [...all, ...[...(handsOn?.values() ?? [])].map(({ instance }) => instance)];
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

/** How many instances still use each output. */
function remainingUses(instances: readonly PlannedInstance[]): Map<string, number> {
  const uses = new Map<string, number>();
  for (const instance of instances)
    for (const source of sourcesOf(instance)) uses.set(source, (uses.get(source) ?? 0) + 1);
  return uses;
}

function releaseUnused(
  instance: PlannedInstance,
  uses: Map<string, number>,
  finished: Finished,
  executor: Executor,
): void {
  const spent = sourcesOf(instance).filter((source) => {
    uses.set(source, uses.get(source)! - 1);
    return uses.get(source) === 0;
  });
  if (!uses.has(instance.id)) spent.push(instance.id);
  // A zero hands on its source's artifact: only what no unspent instance holds may go.
  const held = new Set(
    [...uses]
      .flatMap(([id, count]) => (count > 0 ? Object.values(finished.get(id) ?? {}) : []))
      .map(({ manifest }) => manifest),
  );
  for (const id of spent)
    for (const artifact of Object.values(finished.get(id) ?? {}))
      if (!held.has(artifact.manifest)) executor.release?.(artifact);
}
