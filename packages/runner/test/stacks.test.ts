import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dot, mermaid, svg } from '@espalier/study';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { withoutFrames } from '../src/workers/stack-frames.ts';
import { type Hazard, hazardStudy } from './hazard-study.ts';
import { espalier, outsideProject } from './outside-project.ts';
import { writeStudy } from './toy-study.ts';

const frames = /^.* {4}at |file:\/\/|\.[jt]s:\d+:\d+|Node\.js v/m;
const program = join(import.meta.dirname, '../bin/espalier.js');

function hazards(...does: Hazard['does'][]): { readonly folder: string; readonly study: string } {
  const folder = temporaryFolder();
  const study = hazardStudy(folder, Object.fromEntries(does.map((each) => [each, { does: each }])));
  return { folder, study: writeStudy(folder, study) };
}

test('what a plugin does that nobody caught, or prints, is told without a stack by run, show and as JSON', async () => {
  const { folder, study } = hazards('defect', 'escape', 'reject', 'print');
  const run = await espalier(folder, 'run', study);
  expect(run.code).toBe(1);
  expect(run.out).toContain(
    '\nerror [runner/worker-lost]: Its process ended with the exit code 1 before there was a result. ' +
      'The last that it printed:\nRangeError: nobody waits for this\n',
  );
  expect(run.out.match(/^failed {3}(escape|reject)(, as (escape|reject) did)?$/gm)).toHaveLength(2);
  expect(run.out).toContain('print: RangeError: printed by a plugin\n');
  const shown = await espalier(folder, 'show', 'latest', '--in', folder);
  const json = await espalier(folder, 'show', 'latest', '--in', folder, '--json');
  expect(json.out).toContain('nobody waits for this');
  for (const { out, err } of [run, shown, json]) expect(`${out}${err}`).not.toMatch(frames);

  const debugged = await espalier(folder, '--debug', 'run', study);
  expect(debugged.out.match(/^ {4}at (Object\.defect|.*hazards\/index\.js)/gm)?.length).toBeGreaterThanOrEqual(3);
  expect(debugged.out).toMatch(/^RangeError: nobody waits for this\n {4}at /m);
});

/** Writes the task of the only instance of `study` into a file, in place of running it. */
const keeping = `
  import { writeFileSync } from 'node:fs';
  import { join } from 'node:path';
  export const apiVersion = 'plugin/v1';
  export const createExecutor = ({ storeAt }) => ({
    name: 'keeping',
    slots: 1,
    async run(task) { writeFileSync(join(storeAt, '../task.json'), JSON.stringify(task)); throw new Error('kept'); },
    async close() {},
  });
  export async function serveTasks({ perform, log }) {
    const { readFileSync } = await import('node:fs');
    const watcher = { signal: new AbortController().signal, started() {}, progress() {}, memory() {}, log };
    const end = await perform(JSON.parse(readFileSync('.espalier/task.json', 'utf8')), watcher);
    log(end.failure.text);
  }`;

test.each(['defect', 'escape'])('exec-node and worker tell a task that ends so (%s) without a stack', async (does) => {
  const { folder, study } = hazards(does);
  writeFileSync(join(folder, 'executor.mjs'), keeping);
  await espalier(folder, 'run', study, '--executor', './executor.mjs');
  const store = join(folder, '.espalier/store');
  const task = join(folder, '.espalier/task.json');
  const told = await espalier(folder, 'exec-node', task, '--store', store);
  expect(told.code).toBe(1);
  expect(told.out).toMatch(/"type":"failed".*(x is not a function|nobody waits for this)/);
  expect(`${told.out}${told.err}`).not.toMatch(frames);
  const debugged = await espalier(folder, '--debug', 'exec-node', task, '--store', store);
  expect(debugged.out).toMatch(/"stack":".*\\n {4}at /);

  const before = process.cwd();
  process.chdir(folder);
  try {
    const served = await espalier(folder, 'worker', '--executor', './executor.mjs', '--store', store);
    expect(served.out).toMatch(/x is not a function|nobody waits for this/);
    expect(`${served.out}${served.err}`).not.toMatch(frames);
  } finally {
    process.chdir(before);
  }
});

test.each([
  ['throw new TypeError("lost at s3cr/t@5");', 'TypeError'],
  ['Promise.reject(new TypeError("lost at s3cr/t@5"));', 'TypeError'],
  ['Promise.reject("lost at s3cr/t@5");', undefined],
])('what nothing catches in the command itself is an internal error: %s', (statement, name) => {
  const folder = outsideProject();
  writeFileSync(
    join(folder, 'executor.mjs'),
    `export const apiVersion = 'plugin/v1'; export const createExecutor = () => new Promise(() => setTimeout(() => { ${statement} }));`,
  );
  const url = 'redis://:s3cr/t@5@host';
  const argv = ['run', join(folder, 'study.json'), '--executor', './executor.mjs', '--url', url];
  const ended = (...more: string[]) => spawnSync(process.execPath, [program, ...more, ...argv], { encoding: 'utf8' });
  const { status, stderr } = ended();
  expect(stderr).toBe(
    'error [internal]: lost at ***\nThis is a defect of Espalier or of a plugin. --debug shows where it comes from.\n',
  );
  expect(status).toBe(1);
  if (name === undefined) return;
  const debugged = ended('--debug');
  expect(debugged.status).toBe(1);
  expect(debugged.stderr).toMatch(/^error \[internal\]: TypeError: lost at \*{3}\n {4}at .*executor\.mjs:1:\d+/);
});

test.each([
  ['Error: a\n    at f (file:///x/y.js:1:2)\n    at async z:/a.js:3:4\nb', 'Error: a\nb'],
  ['         data:     at new Promise (<anonymous>)\nc\n', 'c\n'],
  ['    at Array.map (<anonymous>)', ''],
  ['  look at it\n    at noon', '  look at it\n    at noon'],
])('of %j the frames of a stack are left out', (text, plain) => {
  expect(withoutFrames(text)).toBe(plain);
});

test.each([mermaid, dot, svg])('a drawing holds nothing that a terminal obeys (%o)', async (draw) => {
  const hostile = 'm\x1b[2J\u202e\x9b1m\x00';
  const nodes = [
    { name: hostile, uses: [hostile], instances: 1 },
    { name: 'b', uses: [], instances: 1 },
  ];
  const text = await draw({ nodes, edges: [{ from: hostile, to: 'b', port: hostile }] });
  expect(text.split('m\ufffd[2J\ufffd\ufffd1m\ufffd').length).toBeGreaterThan(3);
  expect(text).not.toMatch(/(?!\n)[\p{Cc}\u2028-\u202e]/u);
});
