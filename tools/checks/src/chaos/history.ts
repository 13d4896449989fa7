import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A line of a run's `events.ndjson`. */
export interface RecordedEvent {
  readonly at: string;
  readonly type: string;
  readonly instance?: string;
  readonly key?: string;
  readonly line?: string;
  /** Of the process that computes a started instance. */
  readonly pid?: number;
}

/** What all runs recorded in the folder `runs`, in the order in which it happened. */
export function recordedEvents(runs: string): readonly RecordedEvent[] {
  if (!existsSync(runs)) return [];
  const events = readdirSync(runs).flatMap((run) => eventsOf(join(runs, run, 'events.ndjson')));
  return events.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

function eventsOf(file: string): readonly RecordedEvent[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return line === '' ? [] : [JSON.parse(line) as RecordedEvent]; // written by the runner
      } catch {
        return []; // the runner was killed in the middle of the line
      }
    });
}

/**
 * What was computed although it was finished, one sentence each: there must be none.
 *
 * @param countsEpochs whether an epoch that was trained twice counts, too
 */
export function repeatedWork(events: readonly RecordedEvent[], countsEpochs: boolean): readonly string[] {
  const done = new Set<string>();
  const epochs = new Map<string, number>();
  return events.flatMap(({ type, instance = '', key = '', line = '' }) => {
    if (type === 'done' || type === 'cached') done.add(key);
    if (type === 'started' && done.has(key)) return [`${instance} was computed again after it was done`];
    const epoch = type === 'log' ? Number(/^epoch (\d+)\//.exec(line)?.[1] ?? 0) : 0;
    if (epoch === 0 || !countsEpochs) return [];
    const before = epochs.get(instance) ?? 0;
    epochs.set(instance, epoch);
    return epoch > before ? [] : [`${instance} trained epoch ${epoch} after epoch ${before} was kept`];
  });
}

/** How often instances were started, and how many different ones. */
export function startCounts(events: readonly RecordedEvent[]): { readonly starts: number; readonly instances: number } {
  const started = events.filter(({ type }) => type === 'started');
  return { starts: started.length, instances: new Set(started.map(({ instance }) => instance)).size };
}
