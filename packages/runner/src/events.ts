import type { ErrorCode, Progress } from '@espalier/core';
import type { KeyComponents } from './keys.ts';

/** What happens in a run, in order. Each is one line of `events.ndjson`; every display is a view of them. */
export type RunEvent =
  | { readonly type: 'run-started'; readonly run: string; readonly study: string; readonly instances: number }
  /** Its key is being found out, which may download what its options point to. */
  | { readonly type: 'preparing'; readonly instance: string }
  /** Its key is known now, and what it is made of. */
  | { readonly type: 'keyed'; readonly instance: string; readonly key: string; readonly components: KeyComponents }
  | { readonly type: 'started'; readonly instance: string; readonly key: string }
  | { readonly type: 'progress'; readonly instance: string; readonly progress: Progress }
  | { readonly type: 'log'; readonly instance: string; readonly line: string }
  | {
      readonly type: 'cached';
      readonly instance: string;
      readonly key: string;
      /** How the code that made it differs from the code at hand. */
      readonly otherCode?: readonly string[];
    }
  | { readonly type: 'handed-on'; readonly instance: string }
  | { readonly type: 'done'; readonly instance: string; readonly key: string; readonly ms: number }
  | {
      readonly type: 'failed';
      readonly instance: string;
      readonly code: ErrorCode;
      readonly text: string;
      readonly ms: number;
    }
  | { readonly type: 'skipped'; readonly instance: string; readonly because: string }
  | { readonly type: 'output'; readonly path: string }
  | { readonly type: 'run-finished'; readonly status: RunStatus; readonly ms: number };

/** `failed`: an instance failed, or an output is missing. */
export type RunStatus = 'ok' | 'failed' | 'interrupted';

/** Who follows a run. */
export type RunListener = (event: RunEvent) => void;
