import { StudyError } from '@espalier/core';
import type { ArtifactRef } from './artifact-kinds.ts';
import { service } from './container.ts';
import { findRecord } from './find-record.ts';
import { openStudy, type StudyRequest } from './opened-study.ts';
import { outputsOf } from './run-instance.ts';
import { surroundings } from './run-study.ts';
import { taskOf } from './task-of.ts';
import { tokens } from './tokens.ts';

/** What would become of one instance. */
export interface InstanceForecast {
  readonly id: string;
  readonly use: string;
  /** `handed-on`: the zero of a scan. */
  readonly status: 'run' | 'cached' | 'handed-on';
  /** Absent where an input has yet to be made. */
  readonly key?: string;
  /** Why the key cannot be known: what the options point to is not there. */
  readonly problem?: string;
}

/** What a run would do. */
export interface PlanForecast {
  readonly study: string;
  readonly instances: readonly InstanceForecast[];
}

/**
 * Checks a study and looks up what is in the store already. Nothing is run.
 *
 * @throws StudyError when the study is not valid
 */
export async function planStudy(request: StudyRequest): Promise<PlanForecast> {
  const opened = await openStudy(request);
  const clock = service(opened.container, tokens.clock);
  const around = surroundings(opened, clock.now(), new AbortController().signal);
  const finished = new Map<string, Readonly<Record<string, ArtifactRef>>>();
  const instances: InstanceForecast[] = [];
  for (const instance of opened.plan.instances) {
    const { id, type, handsOn } = instance;
    const sources = [...instance.inputs.values(), ...(instance.baseline?.values() ?? [])].flat();
    const isKnown = sources.every((source) => finished.has(source.instance));
    if (handsOn) {
      const outputs = [...handsOn].map(
        ([port, source]) => [port, finished.get(source.instance)?.[source.port]] as const,
      );
      if (outputs.every((pair): pair is readonly [string, ArtifactRef] => pair[1] !== undefined))
        finished.set(id, Object.fromEntries(outputs));
      instances.push({ id, use: type.use, status: 'handed-on' });
    } else if (!isKnown) instances.push({ id, use: type.use, status: 'run' });
    else {
      const found = await lookUp(instance, finished, around);
      if (found.outputs) finished.set(id, found.outputs);
      instances.push({ id, use: type.use, ...found.forecast });
    }
  }
  await service(opened.container, tokens.executor).close();
  return { study: opened.plan.name, instances };
}

type Around = Parameters<typeof taskOf>[2];
type Planned = Parameters<typeof taskOf>[0];

async function lookUp(
  instance: Planned,
  finished: ReadonlyMap<string, Readonly<Record<string, ArtifactRef>>>,
  around: Around,
): Promise<{
  forecast: Pick<InstanceForecast, 'status' | 'key' | 'problem'>;
  outputs?: Readonly<Record<string, ArtifactRef>>;
}> {
  try {
    const task = await taskOf(instance, finished, around);
    const found = await findRecord(around.bench.store, task, { code: around.code, ports: outputsOf(instance) });
    return found
      ? { forecast: { status: 'cached', key: found.record.key }, outputs: found.record.outputs }
      : { forecast: { status: 'run', key: task.key } };
  } catch (error) {
    if (StudyError.is(error)) return { forecast: { status: 'run', problem: `[${error.code}] ${error.message}` } };
    throw error;
  }
}
