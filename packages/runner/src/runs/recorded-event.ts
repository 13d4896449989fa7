import type { RunEvent } from '../tasks/events.ts';

/** An event with its time (ISO). */
export type RecordedEvent = RunEvent & { readonly at: string };

/** What each kind of event has to say for a display to show it. What only newer records say may be missing. */
const needed: Readonly<Record<RunEvent['type'], readonly string[]>> = {
  'run-started': ['run', 'study', 'instances'],
  preparing: ['instance'],
  keyed: ['instance', 'key'],
  waiting: ['instance', 'heldBy'],
  started: ['instance', 'key', 'attempt', 'pid'],
  retried: ['instance', 'code', 'text', 'attempt', 'waitMs'],
  memory: ['instance', 'bytes'],
  damaged: ['instance'],
  progress: ['instance', 'progress'],
  log: ['instance', 'line'],
  cached: ['instance', 'key'],
  'passed-through': ['instance'],
  done: ['instance', 'key', 'ms'],
  failed: ['instance', 'code', 'text', 'ms'],
  skipped: ['instance', 'because'],
  lock: ['path', 'changes'],
  'lock-unkept': ['path', 'reason'],
  output: ['path'],
  'run-finished': ['status', 'ms'],
};

const texts: ReadonlySet<string> = new Set([
  ...['run', 'study', 'instance', 'key', 'heldBy', 'host', 'code', 'text', 'stack'],
  ...['line', 'because', 'path', 'reason', 'status'],
]);
const numbers: ReadonlySet<string> = new Set(['instances', 'attempt', 'pid', 'waitMs', 'bytes', 'ms', 'peakBytes']);

/** Whether a line of a record is an event: anybody may have written the folder that a command is given. */
export function isRecordedEvent(line: unknown): line is RecordedEvent {
  if (!isObject(line) || typeof line.type !== 'string' || typeof line.at !== 'string') return false;
  if (!Object.hasOwn(needed, line.type)) return false;
  const fields = needed[line.type as RunEvent['type']]; // just looked up
  return fields.every((field) => line[field] !== undefined) && Object.entries(line).every(isSound);
}

function isSound([field, value]: readonly [string, unknown]): boolean {
  if (numbers.has(field)) return Number.isFinite(value);
  if (field === 'progress') return isProgress(value);
  if (field === 'changes' || field === 'otherCode')
    return Array.isArray(value) && value.every((text) => typeof text === 'string');
  return !texts.has(field) || typeof value === 'string';
}

function isProgress(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { done, total, unit, note } = value;
  return (
    [done, total].every(Number.isFinite) && typeof unit === 'string' && ['string', 'undefined'].includes(typeof note)
  );
}

/** Whether a value of JSON is an object, and no list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
