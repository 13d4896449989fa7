import { expect, test } from 'vitest';
import { outputTo } from '../src/command-line/commands/output.ts';
import { liveTable, tableLines } from '../src/command-line/progress/live-table.ts';
import { plainLines } from '../src/command-line/progress/plain-lines.ts';
import { follow, newRunState, pace } from '../src/command-line/progress/run-state.ts';
import type { RunEvent } from '../src/index.ts';
import { advance, duration, memory } from '../src/text/format.ts';

const ids = ['data', 'dense[seed=0]', 'dense[seed=1]', 'map[seed=0]', 'map[seed=1]'];

function after(events: readonly (readonly [number, RunEvent])[]) {
  const state = newRunState(ids);
  for (const [at, event] of events) follow(state, event, at);
  return state;
}

const middle = after([
  [0, { type: 'cached', instance: 'data', key: 'k' }],
  [0, { type: 'preparing', instance: 'dense[seed=0]' }],
  [0, { type: 'started', instance: 'dense[seed=0]', key: 'k', attempt: 1, pid: 1 }],
  [9000, { type: 'done', instance: 'dense[seed=0]', key: 'k', ms: 9000, peakBytes: 0 }],
  [9000, { type: 'failed', instance: 'map[seed=0]', code: 'core/data-corrupt', text: 'No.', ms: 1 }],
  [10_000, { type: 'started', instance: 'dense[seed=1]', key: 'k', attempt: 1, pid: 1 }],
  [11_000, { type: 'progress', instance: 'dense[seed=1]', progress: { done: 5000, total: 9000, unit: 'images' } }],
  [
    13_000,
    {
      type: 'progress',
      instance: 'dense[seed=1]',
      progress: { done: 5100, total: 9000, unit: 'images', note: 'epoch 3/8' },
    },
  ],
]);

test('the table counts by node and tells speed and time left of what is running', () => {
  const lines = tableLines(middle, 13_000, { columns: 120 }).map((line) => line.replace(/[\d.]+ [MG]iB/, '# MiB'));
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "+ data         1/1  1 cached
    > dense        1/2  9.0s
    ! map          1/2  1 failed, 1ms
      dense[seed=1]  5100/9000 images  50/s  1m 18s left  epoch 3/8
    3/5  # MiB"
  `);
});

test('resumed work is timed from where it went on, not from zero', () => {
  expect(pace(middle.running.get('dense[seed=1]'), 13_000)).toEqual({ perSecond: 50, leftMs: 78_000 });
  const begun = after([[0, { type: 'started', instance: 'data', key: 'k', attempt: 1, pid: 1 }]]);
  expect(pace(begun.running.get('data'), 5000)).toBeUndefined();
});

test('no line is wider than the terminal', () => {
  for (const line of tableLines(middle, 13_000, { columns: 30 })) expect(line.length).toBeLessThan(30);
});

test('in a low terminal the nodes that have ended or not begun are only counted', () => {
  const state = newRunState([...ids, 'mass', 'report']);
  follow(state, { type: 'cached', instance: 'data', key: 'k' }, 0);
  follow(state, { type: 'cached', instance: 'map[seed=1]', key: 'k' }, 0);
  follow(state, { type: 'started', instance: 'dense[seed=0]', key: 'k', attempt: 1, pid: 1 }, 0);
  const at = (rows: number) =>
    tableLines(state, 13_000, { columns: 80, rows }).map((line) => line.replace(/[\d.]+ [MG]iB/, '# MiB'));
  expect(at(8)).toHaveLength(7);
  expect(at(7).join('\n')).toMatchInlineSnapshot(`
    "+ data          1/1  1 cached
    > dense         0/2  
      map           1/2  1 cached
      2 nodes waiting
      dense[seed=0]  13.0s
    2/7  # MiB"
  `);
  expect(at(6).join('\n')).toMatchInlineSnapshot(`
    "> dense         0/2  
      map           1/2  1 cached
      2 nodes waiting, 1 node done
      dense[seed=0]  13.0s
    2/7  # MiB"
  `);
  for (let rows = 1; rows < 9; rows++) expect(at(rows).length).toBeLessThanOrEqual(Math.max(1, rows - 1));
});

test('the live table is drawn over itself, and what must be read stays above it', () => {
  let written = '';
  let now = 0;
  const terminal = {
    columns: 60,
    write(text: string) {
      written += text;
    },
  };
  let drawn = 0;
  const live = {
    draw(lines: readonly string[]) {
      live.clear();
      written += `${lines.join('\n')}\n`;
      drawn = lines.length;
    },
    clear() {
      if (drawn > 0) written += `\x1b[${drawn}A\x1b[0J`;
      drawn = 0;
    },
  };
  const table = liveTable(['a', 'b'], terminal, live, () => now);
  table.listener({ type: 'started', instance: 'a', key: 'k', attempt: 1, pid: 1 });
  now += 1000;
  table.listener({ type: 'failed', instance: 'a', code: 'core/data-corrupt', text: 'The image is torn.', ms: 1000 });
  now += 1000;
  table.listener({ type: 'skipped', instance: 'b', because: 'a' });
  table.close();
  const screen = replay(written).map((line) => line.replace(/[\d.]+ [MG]iB/, '# MiB'));
  expect(screen.join('\n')).toMatchInlineSnapshot(`
    "failed   a
    error [core/data-corrupt]: The image is torn.
    ! a           1/1  1 failed, 1.0s
    + b           1/1  1 skipped
    2/2  # MiB
    "
  `);
});

test('lines of a terminal are drawn again in place, and come there without control characters', async () => {
  let written = '';
  const write = (text: string): void => {
    written += text;
  };
  const live = await outputTo({ isTerminal: true, columns: 60, rows: 20, write, writeError: write }).live();
  live.draw(['a', 'b\x1b[31m']);
  expect(written).toContain('a\nb');
  expect(written).not.toContain('\x1b[31m');
  written = '';
  live.draw(['a', 'c']);
  expect(written).toContain('\x1b[2K'); // the line that has changed
  expect(written).not.toContain('a');
  written = '';
  live.clear();
  expect(written.split('\x1b[2K').length).toBeGreaterThan(2);
});

/** What a terminal shows after `text`: understands "up n lines" and "clear below". */
function replay(text: string): string[] {
  const lines = [''];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is parsed
  for (const [token, up] of text.matchAll(/\x1b\[(\d+)A|\x1b\[0J|\n|[^\x1b\n]+/g)) {
    if (up) lines.splice(lines.length - 1 - Number(up), Number(up) + 1, '');
    else if (token === '\n') lines.push('');
    else if (token !== '\x1b[0J') lines[lines.length - 1] += token;
  }
  return lines;
}

test('durations and sizes read as people say them', () => {
  expect([12, 1234, 75_000, 7_500_000].map(duration)).toEqual(['12ms', '1.2s', '1m 15s', '2h 5m']);
  expect([2 ** 29, 3 * 2 ** 30].map(memory)).toEqual(['512 MiB', '3.0 GiB']);
});

test('part of a unit shows as advance, and never as if it were done', () => {
  const at = (done: number) => advance({ done, total: 60, unit: 'images' });
  expect([12, 12.64, 59.999].map(at)).toEqual(['12/60 images', '12.6/60 images', '59.9/60 images']);
});

test('a log tells every 30 s how long all of it will take, once that is known', () => {
  const lines: string[] = [];
  let now = 0;
  const hear = plainLines(
    ['map[seed=0]', 'map[seed=1]', 'map[seed=2]', 'map[seed=3]'],
    (line) => lines.push(line),
    () => now,
  );
  for (const instance of ['map[seed=0]', 'map[seed=1]', 'map[seed=2]']) {
    hear({ type: 'started', instance, key: 'k', attempt: 1, pid: 1 });
    now += 20_000;
    hear({ type: 'done', instance, key: 'k', ms: 20_000, peakBytes: 0 });
  }
  hear({ type: 'started', instance: 'map[seed=3]', key: 'k', attempt: 1, pid: 1 });
  for (now = 61_000; now < 75_000; now += 1000) hear({ type: 'memory', instance: 'map[seed=3]', bytes: 1 });
  expect(lines.filter((line) => line.includes('left'))).toEqual([
    '         2/4 instances, about 40.0s left',
    '         3/4 instances, about 10.0s left',
  ]);
});

test('a log tells every 30 s how far a long instance is, and nothing of a short one', () => {
  const lines: string[] = [];
  let now = 0;
  const hear = plainLines(
    ['dense', 'short'],
    (line) => lines.push(line),
    () => now,
  );
  const progress = (at: number, instance: string, done: number) => {
    now = at;
    hear({ type: 'progress', instance, progress: { done, total: 9000, unit: 'images', note: 'epoch 1/8' } });
  };
  hear({ type: 'started', instance: 'dense', key: 'k', attempt: 1, pid: 1 });
  for (let second = 1; second <= 70; second++) progress(1000 * second, 'dense', 50 * second);
  hear({ type: 'done', instance: 'dense', key: 'k', ms: 70_000, peakBytes: 0 });
  hear({ type: 'started', instance: 'short', key: 'k', attempt: 1, pid: 1 });
  progress(90_000, 'short', 10);
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "run      dense
             dense: 1500/9000 images, 50/s, 2m 30s left, epoch 1/8
             dense: 3000/9000 images, 50/s, 2m left, epoch 1/8
    done     dense  1m 10s
    run      short"
  `);
});
