import { nodeOf } from '../../text/format.ts';
import { type NodeState, pace, type RunState } from './run-state.ts';

/**
 * Milliseconds until the whole study has ended, if as many instances go on at once as now and the rest of each node take as
 * long as those of it that this run has computed did. Undefined while a node with instances left has computed none and does not
 * tell its pace, while nothing runs, and when nothing is left.
 */
export function timeLeft(state: RunState, now: number): number | undefined {
  if (state.running.size === 0) return undefined;
  let [work, longest] = [0, 0];
  for (const [name, node] of state.nodes) {
    const left = leftOf(name, node, state, now);
    if (!left) return undefined;
    for (const ms of left) [work, longest] = [work + ms, Math.max(longest, ms)];
  }
  const least = Math.max(longest, work / state.running.size); // one instance is not shared between workers
  return least > 0 ? least : undefined;
}

/** What each instance of a node still needs, in milliseconds; undefined where one of them cannot be known. */
function leftOf(name: string, node: NodeState, { running }: RunState, now: number): readonly number[] | undefined {
  const mean = node.computed > 0 ? node.computedMs / node.computed : undefined;
  const current = [...running.values()].filter(({ instance }) => nodeOf(instance) === name);
  const begun = current.map((one) => {
    const told = pace(one, now)?.leftMs;
    return told ?? (mean === undefined ? undefined : Math.max(0, mean - (now - one.since)));
  });
  const waiting = node.total - node.done - node.cached - node.failed - node.skipped - current.length;
  const all = [...begun, ...Array<number | undefined>(Math.max(0, waiting)).fill(mean)];
  return all.every((ms) => ms !== undefined) ? all : undefined;
}
