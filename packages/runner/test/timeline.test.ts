import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { outputTo } from '../src/command-line/commands/output.ts';
import { showCommand } from '../src/command-line/commands/runs.ts';
import { lanesOf, openAtOnce } from '../src/command-line/timeline/drawing.ts';
import { timelinePage, writeTimeline } from '../src/command-line/timeline/page.ts';
import { timelineOf } from '../src/command-line/timeline/spans.ts';
import type { RecordedEvent } from '../src/runs/recorded-event.ts';
import type { RunEvent } from '../src/tasks/events.ts';
import { runToy, smallStudy } from './toy-study.ts';

const begin = Date.parse('2026-01-02T03:04:05.000Z');

function at(ms: number, event: RunEvent): RecordedEvent {
  return { at: new Date(begin + ms).toISOString(), ...event };
}

const key = 'k';
const started = (instance: string, attempt = 1, pid = 7) => ({ type: 'started', instance, key, attempt, pid }) as const;
const done = (instance: string, peakBytes = 0) => ({ type: 'done', instance, key, ms: 1, peakBytes }) as const;
const progress = (instance: string, count: number, total = 100, unit = 'images') =>
  ({ type: 'progress', instance, progress: { done: count, total, unit } }) as const;

test('spans say what became of an instance, from its first attempt on, how fast and with how much memory', () => {
  const { spans, ms } = timelineOf([
    at(0, { type: 'run-started', run: 'r', study: 's', instances: 5 }),
    at(10, { type: 'cached', instance: 'data', key }),
    at(20, started('dense[seed=0]')),
    at(120, {
      type: 'retried',
      instance: 'dense[seed=0]',
      code: 'runner/worker-lost',
      text: '',
      attempt: 2,
      waitMs: 30,
    }),
    at(150, started('dense[seed=0]', 2, 8)),
    at(1000, progress('dense[seed=0]', 10)),
    at(3000, progress('dense[seed=0]', 70)),
    at(3100, progress('dense[seed=0]', 5)), // the next epoch: no step back
    at(4100, progress('dense[seed=0]', 95)),
    at(4200, done('dense[seed=0]', 2 ** 29)),
    at(4300, started('attr')),
    at(4400, { type: 'failed', instance: 'attr', code: 'core/values-not-finite', text: '', ms: 100 }),
    at(4500, { type: 'skipped', instance: 'mass', because: 'attr' }),
    at(4600, started('other')),
    at(5000, progress('other', 1)),
  ]);
  expect(ms).toBe(5000);
  expect(spans).toEqual([
    { instance: 'data', node: 'data', outcome: 'cached', start: 10, end: 10, ...nothing },
    {
      ...{ instance: 'dense[seed=0]', node: 'dense', outcome: 'computed', start: 20, end: 4200 },
      ...{ attempts: 2, pid: 8, peakBytes: 2 ** 29, rate: { perSecond: 50, unit: 'images' } }, // 60 + 90 in 3 s
    },
    { instance: 'attr', node: 'attr', outcome: 'failed', start: 4300, end: 4400, ...nothing, attempts: 1, pid: 7 },
    { instance: 'mass', node: 'mass', outcome: 'skipped', start: 4500, end: 4500, ...nothing },
    { instance: 'other', node: 'other', outcome: 'computing', start: 4600, end: 5000, ...nothing, attempts: 1, pid: 7 },
  ]);
});

const nothing = { attempts: 0, pid: null, peakBytes: null, rate: null };

const intervals = fc
  .array(fc.record({ start: fc.integer({ min: 0, max: 12 }), length: fc.integer({ min: 0, max: 6 }) }), {
    maxLength: 12,
  })
  .map((parts) =>
    parts
      .map(({ start, length }) => ({ start, end: start + length }))
      .sort((a, b) => a.start - b.start || a.end - b.end),
  );

test('no two bars of a lane overlap, and there are as many lanes as instances at once', () => {
  fc.assert(
    fc.property(intervals, (all) => {
      const long = all.filter(({ start, end }) => end > start);
      const lanes = lanesOf(long);
      // the slow way: every moment, one by one
      const openAt = (moment: number) => long.filter(({ start, end }) => start <= moment && moment < end);
      const counts = Array.from({ length: 20 }, (_, moment) => openAt(moment).length);
      expect(Math.max(0, ...lanes.map((lane) => lane + 1))).toBe(Math.max(...counts));
      for (let moment = 0; moment < 20; moment++) {
        const used = openAt(moment).map((one) => lanes[long.indexOf(one)]);
        expect(new Set(used).size).toBe(used.length);
        const step = openAtOnce(all).findLast((each) => each.at <= moment);
        expect(step?.count ?? 0).toBe(counts[moment]);
      }
    }),
    { seed: 3, numRuns: 200 },
  );
});

test('names are text on the page, and nothing runs', () => {
  const hostile = '"><script>alert(1)</script><img src=x onerror=alert(2)>';
  const run = { id: 'r', study: { name: hostile, digest: '', profile: hostile }, command: hostile };
  const events = [at(0, started(`${hostile}[a=${hostile}]`)), at(900, done(`${hostile}[a=${hostile}]`))];
  const page = timelinePage({ ...run, startedAt: '2026-01-02T03:04:05.000Z', instances: 1 }, events);
  expect(page).not.toMatch(/<script|<img|javascript:/);
  expect(page).toContain('&lt;script&gt;alert(1)');
  expect(page).toContain('default-src &#39;none&#39;; img-src data:; style-src &#39;sha256-');
  expect(page).toContain('aria-label="Timeline of 900ms: 1 computed. All of it is in the tables below."');
});

test('the timeline of a run is drawn from its record, and show draws it again', async () => {
  const folder = temporaryFolder();
  const { folder: record } = await runToy(folder, smallStudy());
  const file = await writeTimeline(record);
  expect(file).toBe(join(record, 'timeline.html'));
  const page = readFileSync(file, 'utf8');
  expect(page).toContain('15 computed');
  expect(page).toContain('<summary>15 instances</summary>');
  expect(page.match(/<rect class="computed/g)!.length).toBeLessThanOrEqual(15);
  rmSync(file);
  let text = '';
  const write = (part: string): void => {
    text += part;
  };
  const output = outputTo({ isTerminal: false, columns: 80, write, writeError: write });
  expect(await showCommand(`${record}/`, folder, { json: false, timeline: true }, output)).toBe(0);
  expect(text).toBe(`wrote    ${file}\n`);
  expect(readFileSync(file, 'utf8')).toBe(page);
});
