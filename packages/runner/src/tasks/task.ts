import type { ComputeOptions, Kind, Numerics, Origin, Progress, Provenance } from '@espalier/core';
import type { ArtifactRef, KeyComponents } from '@espalier/store';
import type { Resources } from '@espalier/study';

/** One stored input, and where in the study it comes from. */
export interface TaskInput {
  readonly origin: Origin;
  readonly artifact: ArtifactRef;
}

/** Where a task's packages and files are, and how it computes. */
export interface TaskPlace {
  /** What to import each package by, and from where: for the plugin itself and those that its inputs refer to. */
  readonly packages: Readonly<Record<string, string>>;
  readonly compute: ComputeOptions;
  /** The study's folder, and the one for downloads. */
  readonly folder: string;
  readonly cacheFolder: string;
}

/**
 * One instance to run, as plain JSON: it refers to stored artifacts by digest and to plugins by package, so another
 * process or machine with the same store and packages can run it.
 */
export interface Task extends TaskPlace {
  readonly key: string;
  readonly components: KeyComponents;
  readonly origin: Origin;
  /** The plugin's kind; null for a node built into the runner. */
  readonly kind: Kind | null;
  /** Package and plugin to run. */
  readonly package: string;
  readonly plugin: string;
  readonly options: { readonly plugin: unknown; readonly kind: unknown };
  readonly seed: number;
  readonly inputs: Readonly<Record<string, readonly TaskInput[]>>;
  readonly baseline: Readonly<Record<string, readonly TaskInput[]>> | null;
  /** For reporters. */
  readonly provenance: Provenance | null;
  readonly resources: Resources;
}

/** All that a task takes from the store. */
export function artifactsOf({ inputs, baseline }: Pick<Task, 'inputs' | 'baseline'>): readonly ArtifactRef[] {
  return [...Object.values(inputs), ...Object.values(baseline ?? {})].flat().map(({ artifact }) => artifact);
}

/** What a finished task leaves in the store. */
export type TaskOutputs = Readonly<Record<string, ArtifactRef>>;

/** What a running task may say, and how it hears that it shall stop. */
export interface TaskHost {
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
  readonly log: (line: string) => void;
}

/** Who hears of a task that was handed to an executor. */
export interface TaskWatcher extends TaskHost {
  /** The task has left the queue and runs, on this machine where no `host` is named. */
  readonly started: (where: { readonly pid: number; readonly host?: string }) => void;
  /** Resident memory of its process in bytes, now and then. */
  readonly memory: (bytes: number) => void;
  /** Aborted before `signal` where nobody is left who wants anything of the task: it is not given time to end by itself. */
  readonly atOnce?: AbortSignal;
}

/** Runs tasks somewhere. */
export interface Executor {
  readonly name: string;
  /** How many tasks it takes at once. It may run fewer and let the others wait. */
  readonly slots: number;
  /**
   * The outputs of a task. They and its key record are in the store when this returns.
   *
   * @throws whatever the plugin throws; StudyError where somebody can act on it: `runner/worker-lost`, `runner/out-of-memory` and
   *   those that are `transient` where another attempt may succeed; the signal's reason, within 2 s, when it is aborted
   */
  run(task: Task, watcher: TaskWatcher): Promise<TaskOutputs>;
  /**
   * What the factory of a stored model computes with where tasks run, which may be another process or machine. Without it,
   * tasks run where they are made.
   */
  numericsOf?(model: ArtifactRef, where: TaskPlace): Promise<Numerics>;
  /** Gets ready for tasks that will come soon. */
  warmUp?(): void;
  /** No later task uses this artifact. */
  release?(artifact: ArtifactRef): void;
  close(): Promise<void>;
}
