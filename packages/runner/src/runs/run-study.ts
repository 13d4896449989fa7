import { join } from 'node:path';
import { type Numerics, StudyError } from '@espalier/core';
import { cleared } from '@espalier/secrets';
import { writeDurably } from '@espalier/store';
import { type OpenedStudy, openStudy, type StudyRequest } from '../opening/opened-study.ts';
import { lockOf, lockPath, writeLock } from '../opening/study-lock.ts';
import { type ScheduleResult, schedule } from '../schedule/schedule.ts';
import { service } from '../services/container.ts';
import { tokens } from '../services/tokens.ts';
import type { RunEvent, RunListener, RunStatus } from '../tasks/events.ts';
import type { Failure } from '../tasks/failure.ts';
import { numericsSource } from '../tasks/numerics-source.ts';
import { originsOf, type TaskSetup } from '../tasks/task-of.ts';
import type { TaskContext } from '../tasks/workbench.ts';
import { provenanceOf } from './provenance.ts';
import { type RunRecord, startRunRecord } from './run-record.ts';
import { reportedBefore } from './study-version.ts';
import { outputFiles, toldPaths, writeFiles } from './write-outputs.ts';

/** How a run went. */
export interface RunResult {
  readonly status: RunStatus;
  /** Folder of the run's record. */
  readonly folder: string;
  /** Files written for the study's outputs. */
  readonly outputs: readonly string[];
  /** Outputs that nothing produced. */
  readonly missing: readonly string[];
  readonly failures: ReadonlyMap<string, Failure>;
}

/** A study to run, with what stops it and what hears of it. */
export interface RunRequest extends StudyRequest {
  readonly signal?: AbortSignal | undefined;
  readonly listener?: RunListener | undefined;
}

/**
 * Checks a study, runs what is not in the store yet, and writes its outputs.
 *
 * @throws StudyError when the study is not valid, before anything runs. What fails while running is in the result.
 */
export async function runStudy(request: RunRequest): Promise<RunResult> {
  await using opened = await openStudy({ ...request, willRun: true });
  return await runOpened(opened, request);
}

/** Runs a study that is already checked, and stays open. */
export async function runOpened(
  opened: OpenedStudy,
  { signal, listener }: Pick<RunRequest, 'signal' | 'listener'>,
): Promise<RunResult> {
  const { plan, container, home } = opened;
  const clock = service(container, tokens.clock);
  const executor = service(container, tokens.executor);
  const started = clock.now();
  const record = await startRunRecord(join(home, 'runs'), opened, started);
  const hosted = service(container, tokens.listener);
  const emit = (event: RunEvent): void => {
    const told = cleared(event);
    for (const hear of [record.listener, hosted, listener]) hear?.(told);
  };
  const { signal: never } = new AbortController();
  if (signal) service(container, tokens.store).hurry?.(signal);
  try {
    emit({ type: 'run-started', run: record.id, study: plan.name, instances: plan.instances.length });
    const setup = await taskSetup(opened, signal ?? never);
    const { instances } = plan;
    const result = await schedule({ instances, setup, executor, clock, signal: signal ?? never, emit });
    await keepLock(opened, result, record, emit);
    const written = await writeOutputs(opened, setup, result, record, emit);
    const status = statusOf(result, written.missing);
    emit({ type: 'run-finished', status, ms: clock.now().getTime() - started.getTime() });
    return { status, folder: record.folder, failures: result.failures, ...written };
  } finally {
    record.close();
  }
}

/** Everything that tasks of this study are made of. */
export async function taskSetup(
  { plan, container, home, code, refresh }: OpenedStudy,
  signal: AbortSignal,
  offline = false,
): Promise<TaskSetup> {
  const bench = service(container, tokens.workbench);
  const specifiers = [...plan.packages.values()].map((found) => [found.name, found.specifier]);
  const context: TaskContext = {
    packages: Object.fromEntries(specifiers),
    folder: plan.folder,
    services: {
      compute: plan.compute,
      folder: plan.folder,
      cacheFolder: join(home, 'cache'),
      offline,
      log: () => {},
      progress: () => {},
      signal,
    },
  };
  const before = await reportedBefore(join(home, 'runs'), plan);
  let numerics: Numerics | null = null;
  return {
    plan,
    context,
    bench,
    numericsOf: numericsSource(bench, service(container, tokens.executor), context),
    code,
    refresh,
    origins: originsOf(plan),
    onNumerics: (found) => {
      numerics = found;
    },
    provenance: (finished) => provenanceOf(plan, { numerics, reportedBefore: before }, finished),
  };
}

// Parameters of the command line are not part of the study, so what they lead to is not what it is locked to.
async function keepLock(
  { plan, locks }: OpenedStudy,
  { finished }: ScheduleResult,
  { folder }: RunRecord,
  emit: RunListener,
): Promise<void> {
  const path = lockPath(plan);
  const now = Buffer.from(`${JSON.stringify(lockOf(plan, finished), undefined, 2)}\n`);
  await writeDurably(join(folder, 'lock.json'), now).catch(() => {}); // a full disk is told by what is computed
  if (!locks) return;
  try {
    const changes = await writeLock(plan, finished);
    if (changes.length > 0) emit({ type: 'lock', path, changes });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    emit({ type: 'lock-unkept', path, reason: `${reason} What it would say is in ${join(folder, 'lock.json')}.` });
  }
}

async function writeOutputs(
  { plan, out }: OpenedStudy,
  setup: TaskSetup,
  { finished }: ScheduleResult,
  record: RunRecord,
  emit: RunListener,
): Promise<{ readonly outputs: readonly string[]; readonly missing: readonly string[] }> {
  // All at once: a disk takes several files in about the time of one.
  const written = await Promise.allSettled(
    plan.outputs.map(async (output) => {
      const files = await outputFiles(output, finished, setup);
      await Promise.all([out, record.folder].map((folder) => writeFiles(folder, files ?? [])));
      return files && toldPaths(out, files);
    }),
  );
  const outputs: string[] = [];
  const missing: string[] = [];
  for (const [index, outcome] of written.entries()) {
    const { path: name } = plan.outputs[index]!;
    if (outcome.status === 'rejected') {
      const error: unknown = outcome.reason;
      if (!StudyError.is(error)) throw error;
      emit({ type: 'failed', instance: `outputs/${name}`, code: error.code, text: error.message, ms: 0 });
    }
    const paths = outcome.status === 'fulfilled' ? outcome.value : undefined;
    if (!paths) missing.push(name);
    for (const path of paths ?? []) {
      outputs.push(path);
      emit({ type: 'output', path });
    }
  }
  return { outputs, missing };
}

function statusOf({ interrupted, failures }: ScheduleResult, missing: readonly string[]): RunStatus {
  if (interrupted) return 'interrupted';
  return failures.size > 0 || missing.length > 0 ? 'failed' : 'ok';
}
