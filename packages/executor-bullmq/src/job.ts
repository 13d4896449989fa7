import { isErrorCode, type Numerics, type Progress } from '@espalier/core';
import type { InstanceFailure, Task, TaskOutputs, TaskPlace } from '@espalier/runner';
import type { ArtifactRef } from '@espalier/store';

/** What a worker is asked for: to run a task, or what models compute with there. */
export type Request =
  | { readonly type: 'task'; readonly task: Task }
  | { readonly type: 'numerics'; readonly model: ArtifactRef; readonly place: TaskPlace };

/** A job as it lies in the queue. Plain JSON. */
export interface JobData {
  readonly request: Request;
  /** Changes for as long as somebody waits for the answer. */
  readonly beat: string;
  /** Nobody wants it any more, although a worker has it. */
  readonly cancelled?: boolean;
}

/** What becomes of a job. Plain JSON. */
export type Answer =
  | { readonly type: 'done'; readonly outputs: TaskOutputs }
  | { readonly type: 'numerics'; readonly numerics: Numerics }
  | { readonly type: 'failed'; readonly failure: InstanceFailure }
  /** Nobody wanted it any more. */
  | { readonly type: 'stopped' };

/** What a worker tells of a task that runs: what is new since the last time. Plain JSON. */
export interface Told {
  readonly host: string;
  readonly pid: number;
  readonly progress?: Progress;
  readonly lines?: readonly string[];
  readonly memory?: number;
}

/** What a task needs of the machine that takes it. */
export type ResourceClass = 'cpu' | 'gpu';

/** The queue of a class of tasks, or of questions. Runs and workers on another store have queues of their own. */
export function queueName(what: ResourceClass | 'questions', storeId: string): string {
  return `espalier-${what}-${storeId}`;
}

/** Tasks that declare GPUs wait for a worker that has some. */
export function classOf({ resources }: Task): ResourceClass {
  return (resources.gpus ?? 0) > 0 ? 'gpu' : 'cpu';
}

// A report of thousands of instances takes a few MB.
const maxJobBytes = 64 * 2 ** 20;

/** Whether a job holds a request whose instance can be named; what it asks for is checked by who performs it. */
export function isRequest(data: unknown): data is JobData {
  const { request, beat } = (data ?? {}) as Partial<JobData>; // looked at as far as it is there
  if (typeof request !== 'object' || request === null || typeof beat !== 'string') return false;
  if (JSON.stringify(request).length > maxJobBytes) return false;
  if (request.type === 'numerics') return true;
  return request.type === 'task' && typeof request.task?.origin?.instance === 'string';
}

/** The answer in a job that has ended; others write to the same server, so it may be none. */
export function answerIn(value: unknown): Answer {
  if (isAnswer(value)) return value;
  const found = 'The job ended with something that is no answer of this version of Espalier.';
  const advice = 'Use the same version for runs and workers, and let nobody else write to the server.';
  return { type: 'failed', failure: { code: 'runner/worker-lost', text: `${found} ${advice}` } };
}

/** Whether a worker of this version tells that: whoever can write to the server can tell anything. */
export function isTold(told: unknown): told is Told {
  if (!isObject(told)) return false;
  const { host, pid, progress, lines, memory } = told;
  return (
    typeof host === 'string' &&
    Number.isSafeInteger(pid) &&
    (progress === undefined || isProgress(progress)) &&
    (lines === undefined || (Array.isArray(lines) && lines.every((line) => typeof line === 'string'))) &&
    (memory === undefined || Number.isFinite(memory))
  );
}

function isProgress(value: unknown): value is Progress {
  if (!isObject(value)) return false;
  const { done, total, unit, note } = value;
  return [done, total].every(Number.isFinite) && [unit, note ?? ''].every((text) => typeof text === 'string');
}

/** Whether that is an answer of this version. */
export function isAnswer(value: unknown): value is Answer {
  if (!isObject(value)) return false;
  const { type, outputs, numerics, failure } = value;
  if (type === 'stopped') return true;
  if (type === 'done') return isObject(outputs) && Object.values(outputs).every(isArtifact);
  if (type === 'numerics')
    return isObject(numerics) && Object.values(numerics).every((text) => typeof text === 'string');
  return type === 'failed' && isObject(failure) && isErrorCode(failure.code) && typeof failure.text === 'string';
}

function isArtifact(value: unknown): value is ArtifactRef {
  if (!isObject(value)) return false;
  const { kind, digest, manifest, bytes } = value;
  const digests = [digest, manifest].every((text) => typeof text === 'string' && /^[0-9a-f]{64}$/.test(text));
  return typeof kind === 'string' && digests && Number.isSafeInteger(bytes);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The answer for a job whose worker has fallen silent: whether it is tried again is the runner's business. */
export function lostAnswer({ progress }: { readonly progress: unknown }): Answer {
  const where = isTold(progress) ? `The worker on ${progress.host}` : 'The worker that took it';
  const text = `${where} has not been heard of since, and counts as gone.`;
  return { type: 'failed', failure: { code: 'runner/worker-lost', text } };
}
