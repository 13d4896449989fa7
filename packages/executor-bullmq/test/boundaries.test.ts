import { expect, test } from 'vitest';
import { isAnswer, isTold } from '../src/job.ts';
import { silenceMs } from '../src/silence.ts';

const digest = 'a'.repeat(64);
const artifact = { kind: 'scores', digest, manifest: digest, bytes: 7 };

test.each([
  { type: 'stopped' },
  { type: 'done', outputs: { scores: artifact } },
  { type: 'numerics', numerics: { engine: 'wasm', version: '1', inference: 'exact', training: 'exact' } },
  ...['runner/out-of-memory', 'my-pruner/too-high'].map((code) => ({ type: 'failed', failure: { code, text: 'why' } })),
])('%j is an answer', (answer) => {
  expect(isAnswer(answer)).toBe(true);
});

test.each([
  null,
  undefined,
  'done',
  [],
  { type: 'other' },
  { type: 'done' },
  { type: 'done', outputs: null },
  { type: 'done', outputs: { scores: { ...artifact, digest: '../../x' } } },
  { type: 'done', outputs: { scores: { ...artifact, bytes: '7' } } },
  { type: 'numerics', numerics: { engine: 7 } },
  { type: 'failed' },
  { type: 'failed', failure: { code: 'internal', text: 'why' } },
  { type: 'failed', failure: { code: 'runner/worker-lost' } },
])('%j is no answer', (answer) => {
  expect(isAnswer(answer)).toBe(false);
});

const told = { host: 'a', pid: 7, progress: { done: 1, total: 2, unit: 'images' }, lines: ['a'], memory: 1 };

test('what a worker tells is heard, and nothing else', () => {
  expect(isTold(told)).toBe(true);
  expect(isTold({ host: 'a', pid: 7 })).toBe(true);
  const others = [
    null,
    7,
    [],
    {},
    { ...told, host: 7 },
    { ...told, pid: '7' },
    { ...told, lines: 'a' },
    { ...told, lines: [7] },
    { ...told, memory: '1' },
    { ...told, progress: { done: '1', total: 2, unit: 'images' } },
    { ...told, progress: null },
  ];
  for (const other of others) expect(isTold(other)).toBe(false);
});

test('the silence is a number of seconds in digits, or not set', () => {
  expect([undefined, '', '1', '2.5', '86400'].map((text) => silenceMs(text))).toEqual([
    60_000, 60_000, 1000, 2500, 86_400_000,
  ]);
  for (const text of ['0x10', '1e2', ' 5', '5 ', '5s', '+5', '-5', '0', '86401', 'NaN', 'Infinity', '1_0', '\uff15'])
    expect(() => silenceMs(text)).toThrow('expected a number of seconds from 1 to 86400');
});
