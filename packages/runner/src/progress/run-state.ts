import type { Progress } from '@espalier/core';
import type { RunEvent } from '../events.ts';
import { nodeOf } from './format.ts';

/** What has become of the instances of one node. */
export interface NodeState {
  done: number;
  cached: number;
  failed: number;
  skipped: number;
  total: number;
  ms: number;
}

/** A run as its events have told it so far. */
export interface RunState {
  readonly nodes: Map<string, NodeState>;
  total: number;
  finished: number;
  /** The instance that is running, since when, and how far it says it is. */
  current: { readonly instance: string; readonly since: number; progress: Progress | undefined } | undefined;
}

/** The state before anything has happened. */
export function newRunState(instances: readonly string[]): RunState {
  const nodes = new Map<string, NodeState>();
  for (const instance of instances) {
    const state = nodes.get(nodeOf(instance)) ?? { done: 0, cached: 0, failed: 0, skipped: 0, total: 0, ms: 0 };
    state.total++;
    nodes.set(nodeOf(instance), state);
  }
  return { nodes, total: instances.length, finished: 0, current: undefined };
}

/** Takes one event into account. */
export function follow(state: RunState, event: RunEvent, now: number): void {
  if (event.type === 'started') state.current = { instance: event.instance, since: now, progress: undefined };
  if (event.type === 'progress' && state.current) state.current.progress = event.progress;
  const ended = (
    { cached: 'cached', 'handed-on': 'done', done: 'done', failed: 'failed', skipped: 'skipped' } as const
  )[
    event.type as 'done' // other types are not keys, which gives undefined
  ];
  if (!ended || !('instance' in event)) return;
  const node = state.nodes.get(nodeOf(event.instance));
  if (!node) return;
  node[ended]++;
  if ('ms' in event) node.ms += event.ms;
  state.finished++;
  state.current = undefined;
}

/** Units per second and milliseconds left of what is running; undefined until there is something to tell. */
export function pace({ current }: RunState, now: number): { perSecond: number; leftMs: number } | undefined {
  const { done, total } = current?.progress ?? { done: 0, total: 0 };
  const seconds = (now - (current?.since ?? now)) / 1000;
  if (done === 0 || seconds <= 0) return undefined;
  const perSecond = done / seconds;
  return { perSecond, leftMs: (1000 * (total - done)) / perSecond };
}
