import type { ComputeOptions, Kind, Origin, Progress, Provenance } from '@espalier/core';
import type { ArtifactRef } from './artifact-kinds.ts';
import type { KeyComponents } from './keys.ts';

/** One stored input, and where in the study it comes from. */
export interface TaskInput {
  readonly origin: Origin;
  readonly artifact: ArtifactRef;
}

/**
 * One instance to run, as plain JSON: it refers to stored artifacts by digest and to plugins by package, so another
 * process or machine with the same store and packages can run it.
 */
export interface Task {
  readonly key: string;
  readonly components: KeyComponents;
  readonly origin: Origin;
  /** The plugin's kind; null for a node built into the runner. */
  readonly kind: Kind | null;
  /** Package and plugin to run. */
  readonly package: string;
  readonly plugin: string;
  /** What to import each package by, and from where: for the plugin itself and those that its inputs refer to. */
  readonly packages: Readonly<Record<string, string>>;
  readonly options: { readonly plugin: unknown; readonly kind: unknown };
  readonly seed: number;
  readonly inputs: Readonly<Record<string, readonly TaskInput[]>>;
  readonly baseline: Readonly<Record<string, readonly TaskInput[]>> | null;
  readonly compute: ComputeOptions;
  /** The study's folder, and the one for downloads. */
  readonly folder: string;
  readonly cacheFolder: string;
  /** For reporters. */
  readonly provenance: Provenance | null;
}

/** What a finished task leaves in the store. */
export type TaskOutputs = Readonly<Record<string, ArtifactRef>>;

/** Who hears of a running task. */
export interface TaskWatcher {
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
  readonly log: (line: string) => void;
}

/** Runs tasks somewhere. Its outputs and its key record are in the store when `run` returns. */
export interface Executor {
  readonly name: string;
  /** @throws whatever the plugin throws; StudyError where somebody can act on it */
  run(task: Task, watcher: TaskWatcher): Promise<TaskOutputs>;
  /** No later task uses this artifact. */
  release?(artifact: ArtifactRef): void;
  close(): Promise<void>;
}
