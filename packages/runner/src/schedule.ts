import { setTimeout as pause } from 'node:timers/promises';
import type { ArtifactRef } from './artifact-kinds.ts';
import { damagedSources } from './damaged-sources.ts';
import type { RunListener } from './events.ts';
import { type Failure, failureOf, type InstanceFailure } from './failure.ts';
import { inGoodOrder } from './good-order.ts';
import { lastUses, sourcesOf } from './last-use.ts';
import type { PlannedInstance } from './plan.ts';
import { type Ended, type InstanceSurroundings, runInstance } from './run-instance.ts';
import type { Task } from './task.ts';
import type { Finished } from './task-of.ts';

export interface ScheduleResult {
  readonly finished: Finished;
  readonly failures: ReadonlyMap<string, Failure>;
  readonly interrupted: boolean;
}

export interface ScheduleRequest extends Omit<InstanceSurroundings, 'finished' | 'tasks'> {
  readonly instances: readonly PlannedInstance[];
  readonly emit: RunListener;
}

// Another run needs seconds to hours for what it has claimed.
const lookAgainMs = 200;

/**
 * Runs instances, each after what it uses, as many at once as the executor takes. What does not depend on a failed one
 * goes on; what another run on the same store computes is waited for.
 */
export async function schedule(request: ScheduleRequest): Promise<ScheduleResult> {
  const { instances, signal, executor } = request;
  const finished = new Map<string, Readonly<Record<string, ArtifactRef>>>();
  const failures = new Map<string, Failure>();
  const tasks = new Map<string, Task>();
  const keys = new Map<string, string>();
  const holders = new Map<string, string>();
  const repairs = new Map<string, number>();
  const remade = new Set<string>();
  const spentBy = lastUses(instances);
  const pending = [...inGoodOrder(instances, executor.slots)];
  const active = new Set<Promise<void>>();
  const naps = new Set<Promise<void>>();
  let full: string | undefined;

  const fail = (instance: PlannedInstance, failure: Failure): void => {
    failures.set(instance.id, failure);
    // Nothing can be kept on a full disk, so nothing more is worth computing.
    if ('code' in failure && failure.code === 'disk-full') full = instance.id;
  };
  const ended = (instance: PlannedInstance): void => {
    for (const artifact of spentBy(instance, finished)) executor.release?.(artifact);
  };
  /** The first instance that has all it needs; those that will never have it are skipped on the way. */
  const next = (): PlannedInstance | undefined => {
    for (let index = 0; index < pending.length; ) {
      const instance = pending[index]!;
      const because = full ?? missingSource(instance, failures);
      if (because === undefined && !sourcesOf(instance).every((source) => finished.has(source))) {
        index++;
        continue;
      }
      pending.splice(index, 1);
      if (because === undefined) return instance;
      failures.set(instance.id, { because });
      request.emit({ type: 'skipped', instance: instance.id, because });
      ended(instance);
    }
    return undefined;
  };
  const wait = (instance: PlannedInstance, heldBy: string): void => {
    if (holders.get(instance.id) !== heldBy) request.emit({ type: 'waiting', instance: instance.id, heldBy });
    holders.set(instance.id, heldBy);
    const over = pause(lookAgainMs, undefined, { signal }).then(
      () => void pending.unshift(instance),
      () => {}, // interrupted
    );
    const napping = over.finally(() => naps.delete(napping));
    naps.add(napping);
  };
  /** Whether the failure is that of what the store held, which is then computed again. A disk that fails on and on is not believed. */
  const repair = async (instance: PlannedInstance, { code }: InstanceFailure): Promise<boolean> => {
    const before = repairs.get(instance.id) ?? 0;
    const sources = sourcesOf(instance);
    if (code !== 'store-corrupt' || before > sources.length) return false;
    const damaged = await damagedSources(instance, instances, keys, request.around.bench.store);
    if (damaged.length === 0 && !sources.some((source) => remade.has(source))) return false;
    repairs.set(instance.id, before + 1);
    for (const source of damaged) {
      if (!finished.delete(source.id)) continue; // another instance has found it already
      remade.add(source.id);
      tasks.delete(source.id);
      pending.unshift(source);
      request.emit({ type: 'damaged', instance: source.id });
    }
    tasks.delete(instance.id);
    pending.unshift(instance);
    return true;
  };
  const settle = async (instance: PlannedInstance, how: Ended): Promise<void> => {
    if (how.key !== undefined) keys.set(instance.id, how.key);
    if (how.outputs) finished.set(instance.id, how.outputs);
    else if (how.heldBy !== undefined) return wait(instance, how.heldBy);
    else if (how.failure && (await repair(instance, how.failure))) return;
    else if (how.failure) {
      fail(instance, how.failure);
      request.emit({ type: 'failed', instance: instance.id, ...how.failure, ms: how.ms });
    }
    ended(instance);
  };

  for (;;) {
    while (!signal.aborted && active.size < executor.slots) {
      const instance = next();
      if (!instance) break;
      const run = runInstance(instance, { ...request, finished, tasks })
        .catch((error) => ({ failure: failureOf(error), ms: 0 }))
        .then((how) => settle(instance, how))
        .finally(() => active.delete(run));
      active.add(run);
    }
    if (active.size + naps.size === 0) break;
    await Promise.race([...active, ...naps]);
  }
  return { finished, failures, interrupted: signal.aborted };
}

/** The failed instance that `instance` cannot do without, directly or through others. */
function missingSource(instance: PlannedInstance, failures: ReadonlyMap<string, Failure>): string | undefined {
  const missing = sourcesOf(instance).find((source) => failures.has(source));
  if (missing === undefined) return undefined;
  const failure = failures.get(missing)!;
  return 'because' in failure ? failure.because : missing;
}
