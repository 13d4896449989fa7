import type { ErrorCode, Progress } from '@espalier/core';
import type { KeyComponents } from '@espalier/store';

/** What happens in a run, in order. Each is one line of `events.ndjson`; every display is a view of them. */
export type RunEvent =
  | { readonly type: 'run-started'; readonly run: string; readonly study: string; readonly instances: number }
  /** Its key is being found out, which may download what its options point to. */
  | { readonly type: 'preparing'; readonly instance: string }
  /** Its key is known now, and what it is made of. */
  | { readonly type: 'keyed'; readonly instance: string; readonly key: string; readonly components: KeyComponents }
  /** Another run on the same store computes it; this one takes what comes of it. */
  | { readonly type: 'waiting'; readonly instance: string; readonly heldBy: string }
  /** `attempt` counts from 1; `pid` is the process that computes, on this machine or the `host` that is named. */
  | {
      readonly type: 'started';
      readonly instance: string;
      readonly key: string;
      readonly attempt: number;
      readonly pid: number;
      readonly host?: string;
    }
  /** An attempt has failed; `attempt` begins after `waitMs`. */
  | {
      readonly type: 'retried';
      readonly instance: string;
      readonly code: ErrorCode;
      readonly text: string;
      readonly attempt: number;
      readonly waitMs: number;
    }
  /** Resident memory of the process that computes. */
  | { readonly type: 'memory'; readonly instance: string; readonly bytes: number }
  /** What the store held of it was found damaged; it is computed again. */
  | { readonly type: 'damaged'; readonly instance: string }
  | { readonly type: 'progress'; readonly instance: string; readonly progress: Progress }
  | { readonly type: 'log'; readonly instance: string; readonly line: string }
  | {
      readonly type: 'cached';
      readonly instance: string;
      readonly key: string;
      /** How the code that made it differs from the code at hand. */
      readonly otherCode?: readonly string[];
    }
  | { readonly type: 'passed-through'; readonly instance: string }
  /** `peakBytes`: most resident memory that was seen of its process; 0 where nobody looked. */
  | {
      readonly type: 'done';
      readonly instance: string;
      readonly key: string;
      readonly ms: number;
      readonly peakBytes: number;
    }
  | {
      readonly type: 'failed';
      readonly instance: string;
      readonly code: ErrorCode;
      readonly text: string;
      /** Of a defect: where it shows. */
      readonly stack?: string;
      readonly ms: number;
    }
  | { readonly type: 'skipped'; readonly instance: string; readonly because: string }
  /** What the study was run with is not what its lock file said. */
  | { readonly type: 'lock'; readonly path: string; readonly changes: readonly string[] }
  /** The lock file could not be brought up to date. */
  | { readonly type: 'lock-unkept'; readonly path: string; readonly reason: string }
  | { readonly type: 'output'; readonly path: string }
  | { readonly type: 'run-finished'; readonly status: RunStatus; readonly ms: number };

/** `failed`: an instance failed, or an output is missing. */
export type RunStatus = 'ok' | 'failed' | 'interrupted';

/** Who follows a run. */
export type RunListener = (event: RunEvent) => void;
