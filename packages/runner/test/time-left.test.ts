import { expect, test } from 'vitest';
import { tableLines } from '../src/command-line/progress/live-table.ts';
import { follow, newRunState, type RunState } from '../src/command-line/progress/run-state.ts';
import { timeLeft } from '../src/command-line/progress/time-left.ts';
import type { RunEvent } from '../src/index.ts';

const ids = ['data', 'map[seed=0]', 'map[seed=1]', 'map[seed=2]', 'map[seed=3]', 'map[seed=4]'];

function after(...events: readonly (readonly [number, RunEvent])[]): RunState {
  const state = newRunState(ids);
  for (const [at, event] of events) follow(state, event, at);
  return state;
}

const started = (instance: string): RunEvent => ({ type: 'started', instance, key: 'k', attempt: 1, pid: 1 });
const done = (instance: string, ms: number): RunEvent => ({ type: 'done', instance, key: 'k', ms, peakBytes: 0 });
const cached = (instance: string): RunEvent => ({ type: 'cached', instance, key: 'k' });

const begun = [
  [0, cached('data')],
  [0, started('map[seed=0]')],
  [10_000, done('map[seed=0]', 10_000)],
  [10_000, started('map[seed=1]')],
] as const;

test('the instances left of a node take the mean time of those done', () => {
  // 6 s of the one that runs, and three that wait.
  expect(timeLeft(after(...begun), 14_000)).toBe(36_000);
});

test('as many go on at once as run now', () => {
  expect(timeLeft(after(...begun, [12_000, started('map[seed=2]')]), 14_000)).toBe((6000 + 8000 + 2 * 10_000) / 2);
});

test('one instance alone is not shared between workers', () => {
  const state = after(...begun, [14_000, started('map[seed=2]')], [14_000, cached('map[seed=3]')]);
  follow(state, cached('map[seed=4]'), 14_000);
  expect(timeLeft(state, 19_000)).toBe(5000);
});

test('an instance that tells its own pace is believed', () => {
  const told = (at: number, instance: string, count: number): readonly [number, RunEvent] => [
    at,
    { type: 'progress', instance, progress: { done: count, total: 60, unit: 'images' } },
  ];
  const state = after(...begun, told(11_000, 'map[seed=1]', 1), told(13_000, 'map[seed=1]', 2));
  expect(timeLeft(state, 13_000)).toBe(116_000 + 3 * 10_000);
});

test('nothing is said of a node that nobody has timed, before anything runs, and at the end', () => {
  expect(timeLeft(after(), 0)).toBeUndefined();
  expect(timeLeft(after([0, started('data')]), 5000)).toBeUndefined();
  const untimed = after([0, started('data')], [1000, done('data', 1000)], [1000, started('map[seed=0]')]);
  expect(timeLeft(untimed, 5000)).toBeUndefined();
  expect(timeLeft(after(...ids.map((id) => [0, cached(id)] as const)), 1)).toBeUndefined();
});

test('what failed, was cached or came from another run does not make the mean', () => {
  const state = after(
    ...begun,
    [11_000, { type: 'failed', instance: 'map[seed=1]', code: 'core/data-corrupt', text: 'No.', ms: 1000 }],
    [11_000, { type: 'passed-through', instance: 'map[seed=2]' }],
    [11_000, cached('map[seed=3]')],
    [11_000, started('map[seed=4]')],
  );
  expect(timeLeft(state, 12_000)).toBe(9000);
});

test('the table says it beside the count of instances', () => {
  expect(tableLines(after(...begun), 14_000, { columns: 80 }).at(-1)).toMatch(/^2\/6 {2}about 36\.0s left {2}/);
  expect(tableLines(after(), 14_000, { columns: 80 }).at(-1)).toMatch(/^0\/6 {2}[\d.]+ [MG]iB$/);
});
