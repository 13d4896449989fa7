import * as z from 'zod';
import { fields, part, type Sourced, written } from '../text/sourced.ts';
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

/** How a node's instances run: what it says itself, else the study's `defaults`. Their shape has been checked. */
export function executionOf(study: unknown, node: Sourced): Execution {
  const defaults = part(written(study, []), 'defaults');
  const own = (name: string, key: string): unknown => setting(node, name, key) ?? setting(defaults, name, key);
  const timeout = part(node, 'timeout')?.value ?? (defaults && part(defaults, 'timeout')?.value);
  return {
    retry: {
      max: numberOr(own('retry', 'max'), 2),
      backoffMs: amount(own('retry', 'backoff'), milliseconds) ?? 1000,
      on: reasonsOf(own('retry', 'on')) ?? ['transient', 'oom', 'worker-lost'],
    },
    timeoutMs: amount(timeout, milliseconds) ?? null,
    resources: {
      cores: numberOr(own('resources', 'cores'), null),
      memoryBytes: amount(own('resources', 'memory'), bytesOf) ?? null,
      gpus: numberOr(own('resources', 'gpus'), null),
      exclusive: false,
    },
  };
}

/** The study without what only says how it is run. */
export function withoutExecution(study: unknown): unknown {
  const { defaults: _, nodes, ...rest } = Object.fromEntries(fields(written(study, [])).entries());
  const plain = Object.entries(rest).map(([key, { value }]) => [key, value] as const);
  const kept = [...fields(nodes)].map(([name, node]) => {
    const own = [...fields(node)].filter(([key]) => !Object.hasOwn(executionFields, key));
    return [name, Object.fromEntries(own.map(([key, { value }]) => [key, value]))] as const;
  });
  return { ...Object.fromEntries(plain), nodes: Object.fromEntries(kept) };
}

function setting(around: Sourced | undefined, name: string, key: string): unknown {
  const found = around && part(around, name);
  return found && part(found, key)?.value;
}

function numberOr<Standard>(value: unknown, standard: Standard): number | Standard {
  return typeof value === 'number' ? value : standard;
}

function amount(value: unknown, read: (text: string) => number | undefined): number | undefined {
  return typeof value === 'string' ? read(value) : undefined;
}

function reasonsOf(value: unknown): readonly RetryReason[] | undefined {
  return Array.isArray(value) ? retryReasons.filter((reason) => value.includes(reason)) : undefined;
}
