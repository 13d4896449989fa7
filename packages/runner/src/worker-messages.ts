import type { Progress } from '@espalier/core';
import type { InstanceFailure } from './failure.ts';
import type { Task, TaskOutputs } from './task.ts';

/** What a worker process is told. Plain JSON. */
export type ToWorker =
  | { readonly type: 'run'; readonly task: Task }
  | { readonly type: 'cancel' }
  /** No later task uses the artifact with this manifest. */
  | { readonly type: 'release'; readonly manifest: string };

/** What a worker process tells of the task that it runs. Plain JSON. */
export type FromWorker =
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'log'; readonly line: string }
  | { readonly type: 'done'; readonly outputs: TaskOutputs }
  | { readonly type: 'failed'; readonly failure: InstanceFailure };
