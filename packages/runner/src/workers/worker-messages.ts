import type { Numerics, Progress } from '@espalier/core';
import type { ArtifactRef } from '@espalier/store';
import type { InstanceFailure } from '../tasks/failure.ts';
import type { Task, TaskOutputs, TaskPlace } from '../tasks/task.ts';

/** What a worker process is told. Plain JSON. */
export type ToWorker =
  | { readonly type: 'run'; readonly task: Task }
  | { readonly type: 'cancel' }
  /** Asks what the factory of a stored model computes with. */
  | { readonly type: 'numerics'; readonly model: ArtifactRef; readonly place: TaskPlace }
  /** No later task uses the artifact with this manifest. */
  | { readonly type: 'release'; readonly manifest: string };

/** What a worker process tells of what it was told to do. Plain JSON. */
export type FromWorker =
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'log'; readonly line: string }
  | { readonly type: 'done'; readonly outputs: TaskOutputs }
  | { readonly type: 'numerics'; readonly numerics: Numerics }
  | { readonly type: 'failed'; readonly failure: InstanceFailure };
