import { setTimeout as pause } from 'node:timers/promises';
import type { ArtifactRef } from '@espalier/store';
import { type PlannedInstance, sourcesOf, topologicalOrder } from '@espalier/study';
import type { RunListener } from '../tasks/events.ts';
import { type Failure, failureOf, type InstanceFailure } from '../tasks/failure.ts';
import { neededSources } from '../tasks/missing-inputs.ts';
import type { Task } from '../tasks/task.ts';
import type { Finished } from '../tasks/task-of.ts';
import { damagedSources } from './damaged-sources.ts';
import { lastUses } from './last-use.ts';
import { type Ended, type InstanceSetup, runInstance } from './run-instance.ts';

export interface ScheduleResult {
  readonly finished: Finished;
  readonly failures: ReadonlyMap<string, Failure>;
  readonly interrupted: boolean;
}

export interface ScheduleRequest extends Omit<InstanceSetup, 'finished' | 'failures' | 'tasks'> {
  readonly instances: readonly PlannedInstance[];
  readonly emit: RunListener;
}

// Another run needs seconds to hours for what it has claimed.
const lookAgainMs = 200;

/**
 * Runs instances, each after what it uses, as many at once as the executor takes. What does not depend on a failed one
 * goes on, and so does what may miss it; what another run on the same store computes is waited for.
 */
export async function schedule(request: ScheduleRequest): Promise<ScheduleResult> {
  const run = new Schedule(request);
  await run.untilDone();
  return { finished: run.finished, failures: run.failures, interrupted: request.signal.aborted };
}

class Schedule {
  readonly finished = new Map<string, Readonly<Record<string, ArtifactRef>>>();
  readonly failures = new Map<string, Failure>();
  readonly #request: ScheduleRequest;
  readonly #pending: PlannedInstance[];
  readonly #active = new Set<Promise<void>>();
  /** Instances that another run computes, until they are looked at again. */
  readonly #pauses = new Set<Promise<void>>();
  readonly #holders = new Map<string, string>();
  readonly #tasks = new Map<string, Task>();
  readonly #keys = new Map<string, string>();
  readonly #spentBy: ReturnType<typeof lastUses>;
  /** Sources that are computed again, and how often an instance has asked for that. */
  readonly #remade = new Set<string>();
  readonly #repairs = new Map<string, number>();
  #full: string | undefined;

  constructor(request: ScheduleRequest) {
    this.#request = request;
    this.#pending = [...topologicalOrder(request.instances, request.executor.slots)];
    this.#spentBy = lastUses(request.instances);
  }

  async untilDone(): Promise<void> {
    const { signal, executor } = this.#request;
    for (;;) {
      while (!signal.aborted && this.#active.size < executor.slots) {
        const instance = this.#next();
        if (!instance) break;
        this.#begin(instance);
      }
      if (this.#active.size + this.#pauses.size === 0) return;
      await Promise.race([...this.#active, ...this.#pauses]);
    }
  }

  /** The first instance that has all it needs; those that will never have it are skipped on the way. */
  #next(): PlannedInstance | undefined {
    const pending = this.#pending;
    for (let index = 0; index < pending.length; ) {
      const instance = pending[index]!;
      const because = this.#full ?? missingSource(instance, this.failures);
      if (because === undefined && !sourcesOf(instance).every((source) => this.#hasEnded(source))) {
        index++;
        continue;
      }
      pending.splice(index, 1);
      if (because === undefined) return instance;
      this.failures.set(instance.id, { because });
      this.#request.emit({ type: 'skipped', instance: instance.id, because });
      this.#release(instance);
    }
    return undefined;
  }

  #hasEnded(source: string): boolean {
    return this.finished.has(source) || this.failures.has(source);
  }

  #begin(instance: PlannedInstance): void {
    const { finished, failures } = this;
    const run = runInstance(instance, { ...this.#request, finished, failures, tasks: this.#tasks })
      .catch((error): Ended => ({ failure: failureOf(error), ms: 0 }))
      .then((ended) => this.#settle(instance, ended))
      .finally(() => this.#active.delete(run));
    this.#active.add(run);
  }

  async #settle(instance: PlannedInstance, { key, outputs, heldBy, failure: first, ms }: Ended): Promise<void> {
    if (heldBy !== undefined) return this.#wait(instance, heldBy);
    let failure = first;
    try {
      if (first && (await this.#repair(instance, first))) return;
    } catch (error) {
      failure = failureOf(error); // what would be computed again cannot even be looked at
    }
    if (key !== undefined) this.#keys.set(instance.id, key);
    if (outputs) this.finished.set(instance.id, outputs);
    if (failure) {
      this.failures.set(instance.id, failure);
      this.#request.emit({ type: 'failed', instance: instance.id, ...failure, ms });
      // Nothing can be kept on a full disk, so nothing more is worth computing.
      if (failure.code === 'files/disk-full') this.#full = instance.id;
    }
    this.#release(instance);
  }

  #release(instance: PlannedInstance): void {
    for (const artifact of this.#spentBy(instance, this.finished)) this.#request.executor.release?.(artifact);
  }

  #wait(instance: PlannedInstance, heldBy: string): void {
    const { emit, signal } = this.#request;
    if (this.#holders.get(instance.id) !== heldBy) emit({ type: 'waiting', instance: instance.id, heldBy });
    this.#holders.set(instance.id, heldBy);
    const waiting = pause(lookAgainMs, undefined, { signal })
      .then(
        () => void this.#pending.unshift(instance),
        () => {}, // interrupted
      )
      .finally(() => this.#pauses.delete(waiting));
    this.#pauses.add(waiting);
  }

  /**
   * Whether the failure is that of what the store held, which is then computed again. A disk that damages things on and on
   * is given up.
   */
  async #repair(instance: PlannedInstance, { code }: InstanceFailure): Promise<boolean> {
    const { instances, setup, emit } = this.#request;
    const before = this.#repairs.get(instance.id) ?? 0;
    const sources = sourcesOf(instance);
    if (code !== 'store/corrupt' || before > sources.length) return false;
    const damaged = await damagedSources(instance, instances, this.#keys, setup.bench.store);
    // What is whole after all was damaged on its way, or is whole again.
    const isWorthIt = setup.bench.store.verify !== undefined || sources.some((source) => this.#remade.has(source));
    if (damaged.length === 0 && !isWorthIt) return false;
    this.#repairs.set(instance.id, before + 1);
    for (const source of damaged) {
      if (!this.finished.delete(source.id)) continue; // another instance has found it already
      this.#remade.add(source.id);
      this.#tasks.delete(source.id);
      this.#pending.unshift(source);
      emit({ type: 'damaged', instance: source.id });
    }
    this.#tasks.delete(instance.id);
    this.#pending.unshift(instance);
    return true;
  }
}

/** The failed instance that `instance` cannot do without, directly or through others. */
function missingSource(instance: PlannedInstance, failures: ReadonlyMap<string, Failure>): string | undefined {
  const missing = neededSources(instance).find((source) => failures.has(source));
  if (missing === undefined) return undefined;
  const failure = failures.get(missing)!;
  return 'because' in failure ? failure.because : missing;
}
