import * as z from 'zod';
import { bytesOf, durationText, milliseconds, sizeText } from './quantities.ts';

/** Failures that another attempt may get around. */
export const retryReasons = ['transient', 'oom', 'worker-lost', 'timeout'] as const;
/** Why an instance is worth another attempt. */
export type RetryReason = (typeof retryReasons)[number];

const retry = z
  .strictObject({
    max: z.int().min(0).max(100).optional().describe('most further attempts; 2 by default'),
    backoff: durationText
      .optional()
      .describe(
        'a length of time such as "30s": the pause before the second attempt, doubled for each one after; 1s by default',
      ),
    on: z
      .array(z.enum(retryReasons).describe('a kind of failure'))
      .optional()
      .describe('kinds of failure that are tried again; transient, oom and worker-lost by default'),
  })
  .describe('what is tried again when it fails');

const resources = z
  .strictObject({
    cores: z.int().min(1).max(4096).optional().describe('CPU cores for one instance'),
    memory: sizeText
      .optional()
      .describe('a size such as "4GiB": the memory of one instance; it is stopped when it takes more'),
    gpus: z.int().min(0).max(64).optional().describe('GPUs for one instance'),
  })
  .describe('what one instance needs of the machine');

/** How instances run: nothing of it changes what they compute, so nothing of it is part of a key. */
export const executionFields = {
  retry: retry.optional(),
  timeout: durationText.optional().describe('a length of time such as "6h": an attempt that takes longer is stopped'),
  resources: resources.optional(),
};

/** How one instance runs. */
export interface Execution {
  readonly retry: {
    /** Attempts after the first. */
    readonly max: number;
    readonly backoffMs: number;
    readonly on: readonly RetryReason[];
  };
  /** Longest time of one attempt; null for as long as it takes. */
  readonly timeoutMs: number | null;
  readonly resources: Resources;
}

/** What a study declares of an instance's needs; null where it leaves that to the executor. */
export interface Resources {
  readonly cores: number | null;
  readonly memoryBytes: number | null;
  readonly gpus: number | null;
  /** Nothing else beside it on its machine. */
  readonly exclusive: boolean;
}

const fieldsSchema = z.strictObject(executionFields);
type ExecutionFields = z.output<typeof fieldsSchema>;

/** How a node's instances run: what it says itself, else the study's `defaults`. */
export function executionOf(node: ExecutionFields, defaults: ExecutionFields = {}): Execution {
  const retry = { ...defaults.retry, ...node.retry };
  const needs = { ...defaults.resources, ...node.resources };
  const timeout = node.timeout ?? defaults.timeout;
  return {
    retry: {
      max: retry.max ?? 2,
      backoffMs: amount(retry.backoff, milliseconds) ?? 1000,
      on: retryReasons.filter((reason) => (retry.on ?? standardReasons).includes(reason)),
    },
    timeoutMs: amount(timeout, milliseconds) ?? null,
    resources: {
      cores: needs.cores ?? null,
      memoryBytes: amount(needs.memory, bytesOf) ?? null,
      gpus: needs.gpus ?? null,
      exclusive: false,
    },
  };
}

const standardReasons: readonly RetryReason[] = ['transient', 'oom', 'worker-lost'];

function amount(text: string | undefined, read: (text: string) => number | undefined): number | undefined {
  return text === undefined ? undefined : read(text);
}

/** A study without what only says how it is run. */
export function withoutExecution<Node extends ExecutionFields>(study: {
  readonly defaults?: unknown;
  readonly nodes: Readonly<Record<string, Node>>;
}): unknown {
  const { defaults: _, nodes, ...rest } = study;
  const kept = Object.entries(nodes).map(([name, { retry: _r, timeout: _t, resources: _n, ...node }]) => [name, node]);
  return { ...rest, nodes: Object.fromEntries(kept) };
}
