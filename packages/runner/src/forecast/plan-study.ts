import { join } from 'node:path';
import { StudyError } from '@espalier/core';
import { type ArtifactRef, type FoundRecord, findRecord, type KeyRecord } from '@espalier/store';
import { memoryEstimates, type PlannedInstance, planNotes, sourcesOf } from '@espalier/study';
import { type OpenedStudy, openStudy, type StudyRequest } from '../opening/opened-study.ts';
import { readHistory } from '../runs/run-history.ts';
import { taskSetup } from '../runs/run-study.ts';
import { outputsOf } from '../schedule/run-instance.ts';
import type { Task } from '../tasks/task.ts';
import { type Finished, type TaskSetup, taskOf } from '../tasks/task-of.ts';
import { type Inquiry, reasonsToRun } from './reasons.ts';

/** What would become of one instance. */
export interface InstanceForecast {
  readonly id: string;
  readonly use: string;
  /** `passed-through`: the zero of a scan. */
  readonly status: 'run' | 'cached' | 'passed-through';
  /** Absent where an input has yet to be made. */
  readonly key?: string;
  /** What its process wants at its peak, by an estimate of the model's plugin; absent where it gives none. */
  readonly memoryBytes?: number;
  /** Why it is run, in words; for what is there, how the code that made it differs from the code at hand. */
  readonly reasons: readonly string[];
  /** Its sources that would run themselves. If they come out the same, it need not run. */
  readonly waitsFor?: readonly string[];
  /** As what, when and in which time the result that is there was made. */
  readonly madeAs?: KeyRecord['madeAs'];
  /** Why the key cannot be known: what the options point to is not there. */
  readonly problem?: string;
}

/** What a run would do. */
export interface PlanForecast {
  readonly study: string;
  /** What a person should know before a run, although nothing is wrong: a sentence each. */
  readonly notes: readonly string[];
  readonly instances: readonly InstanceForecast[];
}

/** A forecast with what it rests on. */
export interface ExplainedForecast extends PlanForecast {
  readonly tasks: ReadonlyMap<string, Task>;
  /** What is in the store, by instance. */
  readonly finished: Finished;
}

/**
 * Checks a study and looks up what is in the store already, and why the rest is not. Nothing is run.
 *
 * @throws StudyError when the study is not valid
 */
export async function planStudy(request: StudyRequest): Promise<PlanForecast> {
  await using opened = await openStudy(request);
  const { study, notes, instances } = await forecast(opened);
  return { study, notes, instances };
}

/** What a run of an opened study would do. */
export async function forecast(opened: OpenedStudy): Promise<ExplainedForecast> {
  const { plan, home } = opened;
  const setup = await taskSetup(opened, new AbortController().signal, true);
  const finished = new Map<string, Readonly<Record<string, ArtifactRef>>>();
  const tasks = new Map<string, Task>();
  const inquiry = async (): Promise<Inquiry> => {
    const instances = new Map(plan.instances.map((instance) => [instance.id, instance]));
    const history = await readHistory(join(home, 'runs'), plan.name);
    return { instances, tasks, history, store: setup.bench.store, refresh: setup.refresh };
  };
  let known: Inquiry | undefined; // read when the first reason is asked for
  const memoryOf = memoryEstimates(plan);
  const toRun = async (instance: PlannedInstance, waitsFor: readonly string[]): Promise<InstanceForecast> => {
    known ??= await inquiry();
    const { id, type } = instance;
    const key = tasks.get(id)?.key;
    const reasons = await reasonsToRun(instance, waitsFor, known);
    const memoryBytes = memoryOf(instance);
    return {
      id,
      use: type.use,
      status: 'run',
      ...(key !== undefined && { key }),
      ...(memoryBytes !== undefined && { memoryBytes }),
      reasons,
      ...(waitsFor.length > 0 && { waitsFor }),
    };
  };
  const instances: InstanceForecast[] = [];
  for (const instance of plan.instances) {
    const { id, type, passThrough } = instance;
    const waitsFor = [...new Set(sourcesOf(instance))].filter((source) => !finished.has(source));
    if (passThrough) {
      const outputs = [...passThrough].map(
        ([port, source]) => [port, finished.get(source.instance)?.[source.port]] as const,
      );
      if (outputs.every((pair): pair is readonly [string, ArtifactRef] => pair[1] !== undefined))
        finished.set(id, Object.fromEntries(outputs));
      instances.push({ id, use: type.use, status: 'passed-through', reasons: [] });
    } else if (waitsFor.length > 0) instances.push(await toRun(instance, waitsFor));
    else {
      const found = await lookUp(instance, finished, setup, tasks);
      if (found && 'code' in found) {
        const { code, message } = found;
        // What must be fetched first is no problem, only not known yet.
        const why =
          code === 'core/not-downloaded' ? { reasons: [message] } : { reasons: [], problem: `[${code}] ${message}` };
        instances.push({ id, use: type.use, status: 'run', ...why });
      } else if (!found) instances.push(await toRun(instance, []));
      else {
        const { record, otherCode } = found;
        finished.set(id, record.outputs);
        const { key, madeAs } = record;
        instances.push({ id, use: type.use, status: 'cached', key, reasons: otherCode, madeAs });
      }
    }
  }
  return { study: plan.name, notes: planNotes(plan), instances, tasks, finished };
}

/** The result in the store, or what is in the way of finding out. */
async function lookUp(
  instance: PlannedInstance,
  finished: Finished,
  setup: TaskSetup,
  tasks: Map<string, Task>,
): Promise<FoundRecord | StudyError | undefined> {
  try {
    const task = await taskOf(instance, finished, setup);
    tasks.set(instance.id, task);
    if (setup.refresh.has(instance.id)) return undefined;
    return await findRecord(setup.bench.store, task, { code: setup.code, ports: outputsOf(instance) });
  } catch (error) {
    if (StudyError.is(error)) return error;
    throw error;
  }
}
