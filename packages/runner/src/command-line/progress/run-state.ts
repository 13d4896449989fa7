import type { Progress } from '@espalier/core';
import type { RunEvent } from '../../tasks/events.ts';
import { leftText, nodeOf } from '../../text/format.ts';

/** What has become of the instances of one node. */
export interface NodeState {
  done: number;
  cached: number;
  failed: number;
  skipped: number;
  total: number;
  ms: number;
  /** Instances that this run has computed, and the milliseconds that they took. */
  computed: number;
  computedMs: number;
}

/** An instance that is running: since when, and how far it says it is. */
export interface Current {
  readonly instance: string;
  readonly since: number;
  progress: Progress | undefined;
  /** The first that was heard of its progress: resumed training does not start at zero. */
  first: { readonly done: number; readonly at: number } | undefined;
  /** Bytes of resident memory of its process; 0 while nobody has told. */
  memory: number;
}

/** A run as its events have told it so far. */
export interface RunState {
  readonly nodes: Map<string, NodeState>;
  total: number;
  finished: number;
  /** By instance, in the order in which they began. */
  readonly running: Map<string, Current>;
}

/** The state before anything has happened. */
export function newRunState(instances: readonly string[]): RunState {
  const nodes = new Map<string, NodeState>();
  for (const instance of instances) {
    const state = nodes.get(nodeOf(instance)) ?? {
      ...{ done: 0, cached: 0, failed: 0, skipped: 0, total: 0 },
      ...{ ms: 0, computed: 0, computedMs: 0 },
    };
    state.total++;
    nodes.set(nodeOf(instance), state);
  }
  return { nodes, total: instances.length, finished: 0, running: new Map() };
}

/** Takes one event into account. */
export function follow(state: RunState, event: RunEvent, now: number): void {
  if (event.type === 'preparing' || event.type === 'started') {
    const { instance } = event;
    state.running.set(instance, { instance, since: now, progress: undefined, first: undefined, memory: 0 });
  }
  if (event.type === 'waiting') state.running.delete(event.instance);
  if (event.type === 'damaged') takeBack(state, event.instance);
  const current = 'instance' in event ? state.running.get(event.instance) : undefined;
  if (current && event.type === 'memory') current.memory = event.bytes;
  if (current && event.type === 'progress') {
    current.progress = event.progress;
    current.first ??= { done: event.progress.done, at: now };
  }
  const ended = (
    { cached: 'cached', 'passed-through': 'done', done: 'done', failed: 'failed', skipped: 'skipped' } as const
  )[
    event.type as 'done' // other types are not keys, which gives undefined
  ];
  if (!ended || !('instance' in event)) return;
  const node = state.nodes.get(nodeOf(event.instance));
  if (!node) return;
  node[ended]++;
  if ('ms' in event) node.ms += event.ms;
  if (event.type === 'done') [node.computed, node.computedMs] = [node.computed + 1, node.computedMs + event.ms];
  state.finished++;
  state.running.delete(event.instance);
}

// What the store held of it was counted, and is not there any more.
function takeBack(state: RunState, instance: string): void {
  const node = state.nodes.get(nodeOf(instance));
  if (!node) return;
  if (node.cached > 0) node.cached--;
  else node.done--;
  state.finished--;
}

/** Units per second and milliseconds left of an instance; undefined until there is something to tell. */
export function pace(current: Current | undefined, now: number): { perSecond: number; leftMs: number } | undefined {
  if (!current?.progress || !current.first) return undefined;
  const { done, total } = current.progress;
  const seconds = (now - current.first.at) / 1000;
  if (done <= current.first.done || seconds <= 0) return undefined;
  const perSecond = (done - current.first.done) / seconds;
  return { perSecond, leftMs: (1000 * (total - done)) / perSecond };
}

/** `12/s` and `3m 5s left`, as soon as they are known. */
export function paceTexts(current: Current | undefined, now: number): readonly string[] {
  const speed = pace(current, now);
  return speed ? [`${speed.perSecond.toFixed(speed.perSecond < 10 ? 1 : 0)}/s`, leftText(speed.leftMs)] : [];
}
