import type { RecordedEvent } from '../../runs/recorded-event.ts';
import { nodeOf } from '../../text/format.ts';

/** What became of an instance: `computing` where the record ends before it did, as after a kill. */
export type Outcome = 'computed' | 'cached' | 'failed' | 'skipped' | 'computing';

/** One instance in a run: when it was looked at or computed, and with what. Times are milliseconds since the run began. */
export interface Span {
  readonly instance: string;
  readonly node: string;
  readonly outcome: Outcome;
  readonly start: number;
  /** Equal to `start` where nothing was computed. */
  readonly end: number;
  /** Attempts that were begun; 0 where nothing was computed. */
  readonly attempts: number;
  /** Process that computed; the last one, where there were several attempts. */
  readonly pid: number | null;
  /** Most resident memory that was seen of that process; null where nobody looked. */
  readonly peakBytes: number | null;
  /** How fast it went, by its own progress; null where it told too little. */
  readonly rate: { readonly perSecond: number; readonly unit: string } | null;
}

/** The spans of a run in the order in which they began, and how long it all took. */
export interface Timeline {
  readonly spans: readonly Span[];
  readonly ms: number;
}

/** Reads a run's events as spans. Events without a readable time are left out. */
export function timelineOf(events: readonly RecordedEvent[]): Timeline {
  const timed = events
    .map((event) => ({ event, time: Date.parse(event.at) }))
    .filter(({ time }) => !Number.isNaN(time));
  const origin = timed[0]?.time ?? 0;
  const last = timed.reduce((latest, { time }) => Math.max(latest, time - origin), 0);
  const open = new Map<string, OpenSpan>();
  const spans: Span[] = [];
  for (const { event, time } of timed) {
    if (!('instance' in event)) continue;
    const { instance } = event;
    const at = Math.max(0, time - origin);
    const current = open.get(instance);
    if (event.type === 'started') {
      const { start, attempts } = current ?? { start: at, attempts: 0 };
      open.set(instance, { start, attempts: attempts + 1, pid: event.pid, pace: new Pace() });
    } else if (event.type === 'progress') current?.pace.hear(at, event.progress);
    const outcome = outcomes.get(event.type);
    if (!outcome || instance.startsWith('outputs/')) continue;
    spans.push(closed(instance, outcome, at, current, 'peakBytes' in event ? event.peakBytes : 0));
    open.delete(instance);
  }
  for (const [instance, current] of open) spans.push(closed(instance, 'computing', last, current, 0));
  return { spans: spans.sort((a, b) => a.start - b.start || a.end - b.end), ms: last };
}

const outcomes: ReadonlyMap<string, Outcome> = new Map([
  ['done', 'computed'],
  ['cached', 'cached'],
  ['failed', 'failed'],
  ['skipped', 'skipped'],
]);

interface OpenSpan {
  readonly start: number;
  readonly attempts: number;
  readonly pid: number;
  readonly pace: Pace;
}

function closed(instance: string, outcome: Outcome, at: number, open: OpenSpan | undefined, peakBytes: number): Span {
  return {
    ...{ instance, node: nodeOf(instance), outcome, start: open?.start ?? at, end: at },
    ...{ attempts: open?.attempts ?? 0, pid: open?.pid ?? null, peakBytes: peakBytes > 0 ? peakBytes : null },
    rate: open?.pace.rate ?? null,
  };
}

/** Units per second over what an instance says of its progress. A count that starts again, for its next part, is no step back. */
class Pace {
  #before: { at: number; done: number; total: number; unit: string } | undefined;
  #units = 0;
  #ms = 0;

  hear(at: number, { done, total, unit }: { readonly done: number; readonly total: number; readonly unit: string }) {
    const before = this.#before;
    if (before && before.unit === unit && before.total === total && done >= before.done) {
      this.#units += done - before.done;
      this.#ms += at - before.at;
    } else if (before && before.unit !== unit) [this.#units, this.#ms] = [0, 0];
    this.#before = { at, done, total, unit };
  }

  get rate(): Span['rate'] {
    if (!this.#before || this.#units <= 0 || this.#ms < leastMs) return null;
    return { perSecond: (1000 * this.#units) / this.#ms, unit: this.#before.unit };
  }
}

// A rate over less than this says more about the clock than about the work.
const leastMs = 500;
