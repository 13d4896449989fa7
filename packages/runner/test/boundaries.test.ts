import { bytesOf, milliseconds } from '@espalier/study';
import { afterEach, expect, test, vi } from 'vitest';
import { isRecordedEvent } from '../src/runs/recorded-event.ts';
import { longWait } from '../src/schedule/long-wait.ts';
import { thisMachine } from '../src/workers/machine.ts';
import { espalier, outsideProject } from './outside-project.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

test('a length of time or of memory is digits and a unit, and finite', () => {
  expect(['1ms', '1.5s', '2 min', '999999999d'].map(milliseconds)).toEqual([1, 1500, 120_000, 86_399_999_913_600_000]);
  expect(bytesOf('1.5 GiB')).toBe(1.5 * 2 ** 30);
  const none = [
    '',
    '5',
    's',
    '-1s',
    '+1s',
    '1e3s',
    '0x10s',
    '1,5s',
    '1s ',
    '\uff11s',
    `${'9'.repeat(400)}s`,
    'Infinitys',
    '1S',
  ];
  for (const text of none)
    expect([text, milliseconds(text), bytesOf(text.replace(/s$/, 'GiB'))]).toEqual([text, undefined, undefined]);
});

test('a wait longer than timers are is as long as it is', async () => {
  vi.useFakeTimers();
  const days = 24 * 3600 * 1000;
  let isOver = false;
  const wait = longWait(60 * days, new AbortController().signal).then(() => {
    isOver = true;
  });
  await vi.advanceTimersByTimeAsync(60 * days - 1);
  expect(isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await wait;
  expect(isOver).toBe(true);
});

test('a wait ends with its signal', async () => {
  const stop = new AbortController();
  const wait = longWait(3e9, stop.signal);
  stop.abort(new Error('enough'));
  await expect(wait).rejects.toThrow('enough');
});

test.each([
  ['', []],
  ['0', ['0']],
  ['0, 1', ['0', '1']],
  ['1,-1,0', ['1']],
  ['-1', []],
  ['NoDevFiles', []],
  ['GPU-8932f937-d72c,MIG-GPU-1/2/3', ['GPU-8932f937-d72c', 'MIG-GPU-1/2/3']],
  ['0,1x,2', ['0']],
])('CUDA_VISIBLE_DEVICES=%j is read as CUDA reads it', (text, gpus) => {
  vi.stubEnv('CUDA_VISIBLE_DEVICES', text);
  expect(thisMachine().gpus).toEqual(gpus);
});

test.each(['2x', '0x2', '1e1', ' 2', '2.0', '0', '-1', '', '\uff12', '10000', 'NaN'])(
  '--jobs %j is refused',
  async (text) => {
    const { code, err } = await espalier(outsideProject(), 'run', 'study.json', `--jobs=${text}`);
    expect(code).toBe(2);
    expect(err).toContain('Write a whole number from 1 to 9999, in digits.');
  },
);

test('a line of a record is an event with all that displays show, or none', () => {
  const at = '2026-01-01T00:00:00.000Z';
  const done = { type: 'done', at, instance: 'a', key: 'b', ms: 1, peakBytes: 2 };
  const events = [
    done,
    { type: 'done', at, instance: 'a', key: 'b', ms: 1 },
    { type: 'progress', at, instance: 'a', progress: { done: 0.5, total: 2, unit: 'images' } },
    { type: 'run-finished', at, status: 'ok', ms: 7, laterField: 7 },
  ];
  const others = [
    null,
    3,
    [],
    { type: 'done', at },
    { ...done, at: 3 },
    { ...done, instance: 7 },
    { ...done, instance: null },
    { ...done, ms: '1' },
    { ...done, peakBytes: {} },
    { ...done, type: 'constructor' },
    { ...done, type: 'unheard-of' },
    { type: 'progress', at, instance: 'a', progress: { done: '1', total: 2, unit: 'images' } },
    { type: 'progress', at, instance: 'a', progress: 3 },
    { type: 'lock', at, path: 'a', changes: 'b' },
    { type: 'failed', at, instance: 'a', code: 3, text: 'b', ms: 1 },
  ];
  expect([...events, ...others].filter(isRecordedEvent)).toEqual(events);
});
