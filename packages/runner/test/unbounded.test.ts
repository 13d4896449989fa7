import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { StudyError } from '@espalier/core';
import { parseStudyText } from '@espalier/study';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { openStudy, parseLock } from '../src/index.ts';
import { espalier } from './outside-project.ts';
import { toyPackages, toyStudy, writeStudy } from './toy-study.ts';

/** The error that a file of these contents gives, its folder written as <folder>; it must be short, and soon there. */
async function errorOf(contents: string | Uint8Array, params: Record<string, unknown> = {}): Promise<string> {
  const folder = temporaryFolder();
  const file = join(folder, 'study.json');
  writeFileSync(file, contents);
  const started = performance.now();
  const error = await openStudy({ file, packages: toyPackages, params }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(performance.now() - started).toBeLessThan(20_000); // about a second alone; the bound catches quadratic growth
  if (!StudyError.is(error)) throw error ?? new Error('The study is valid.');
  expect(error.message.length).toBeLessThan(25_000);
  return `[${error.code}] ${error.message}`.replaceAll(folder, '<folder>');
}

const nested = (depth: number, open = '[', close = ']') => `${open.repeat(depth)}1${close.repeat(depth)}`;
const members = (count: number, of: (index: number) => string) => Array.from({ length: count }, (_, i) => of(i)).join();
const withParams = (value: string) => JSON.stringify({ ...toyStudy(), more: 0 }).replace('"more":0', `"more":${value}`);

test.each([
  ['lists', nested(5000)],
  ['objects', nested(5000, '{"a":', '}')],
  ['lists without an end', '['.repeat(2_000_000)],
  ['a study with a deep part', withParams(nested(100_000))],
])('nesting without end is one error: %s', async (_, text) => {
  const error = await errorOf(text);
  expect(error.split('\n')).toHaveLength(2);
  expect(error).toMatch(/study\.json:1:\d+ {2}Values may be nested 64 deep; this one is deeper\.$/);
});

test.each([
  ['keys', `{${members(500_000, (i) => `"k${i}":1`)}}`],
  ['numbers', `[${members(500_000, String)}]`],
  ['errors', ']'.repeat(2_000_000)],
  ['errors of another kind', '@ '.repeat(1_000_000)],
  ['lines of errors', '}\n'.repeat(1_000_000)],
])('more than anybody writes is one error: %s', async (_, text) => {
  const error = await errorOf(text);
  expect(error.split('\n')).toHaveLength(2);
  expect(error).toContain('A file may have 200000 names, values and signs; there are more from here on.');
});

test('a file of 20 MB is one error, and is not read', async () => {
  expect(await errorOf(' '.repeat(20_000_000))).toBe(
    '[study/unreadable] Expected a study at <folder>/study.json, of at most 10000000 bytes; found 20000000 bytes. Name another file.',
  );
});

test('of many problems the first are shown, the others counted', async () => {
  const syntax = await errorOf('{\n'.concat('"a" 1,\n'.repeat(3000), '}'));
  expect(syntax.split('\n')).toHaveLength(22);
  expect(syntax).toMatch(/\n {2}and \d+ more\.$/);
  const unknown = await errorOf(`{${members(3000, (i) => `"k${i}":1`)}}`);
  expect(unknown.split('\n')).toHaveLength(22);
  expect(unknown).toMatch(/^\[study\/invalid\] <folder>\/study\.json has 30\d\d problems; nothing was run\./);
  const twice = await errorOf(`{${members(30_000, () => '"k":1')}}`);
  expect(twice).toContain('The key "k" is written twice here.');
  expect(twice).toMatch(/ and 29979 more\.$/);
});

test.each([
  ['nodes', `{${members(1000, (i) => `"n${i}":{"use":"toy/nois"}`)}}`],
  ['edges', `{"a":{"use":"toy/noise","in":{"x":[${members(1000, (i) => `{"$from":"b${i}.c"}`)}]}}}`],
  ['names', `{"${'a'.repeat(4_000_000)}":{"use":"${'b'.repeat(4_000_000)}"}}`],
  ['labels', `{"data":{"use":"toy/noise","matrix":{"x":[${members(30_000, String)}]}}}`],
])('a study of hostile size is refused in words: %s', async (_, nodes) => {
  const text = JSON.stringify({ ...toyStudy(), nodes: 0, outputs: {} }).replace('"nodes":0', `"nodes":${nodes}`);
  expect(await errorOf(text)).toMatch(/^\[(study|core)\/(options-)?invalid\] /);
});

test('a parameter nested without end is refused by name', async () => {
  expect(await errorOf(JSON.stringify(toyStudy()), { levels: JSON.parse(nested(20_000)) })).toBe(
    '[study/invalid] <folder>/study.json has a problem; nothing was run.\n' +
      '  --param levels  Values may be nested 64 deep; this one is deeper.',
  );
});

test('lock files have the same bounds', () => {
  const refused = (text: string) => {
    try {
      parseLock(text, 'study.lock.json');
    } catch (error) {
      if (StudyError.is(error)) return `[${error.code}] ${error.message}`;
      throw error;
    }
    throw new Error('The lock is valid.');
  };
  expect(refused(nested(5000))).toMatch(
    /^\[runner\/lock-invalid\] .*\n {2}study\.lock\.json:1:65 {2}Values may be nested/,
  );
  expect(refused(`{${members(500_000, (i) => `"k${i}":1`)}}`)).toContain('A file may have 200000 names');
  const lines = refused(`{"lockVersion":1,"data":[${members(5000, () => '{}')}]}`).split('\n');
  expect(lines).toHaveLength(22);
  expect(lines.at(-1)).toMatch(/ and \d+ more\.$/);
});

test('a task file of another size or depth is one error', async () => {
  const folder = temporaryFolder();
  const task = join(folder, 'task.json');
  const run = async (contents: string | Uint8Array) => {
    writeFileSync(task, contents);
    const { err } = await espalier(folder, 'exec-node', task, '--store', join(folder, 'store'));
    return err;
  };
  expect(await run(nested(5000))).toBe(
    'error [files/invalid]: <project>/task.json: This task is nested more than 64 deep. An executor writes it.\n',
  );
  expect(await run(Buffer.alloc(65 * 2 ** 20, ' '))).toContain('of at most 67108864 bytes; found 68157440 bytes.');
  expect(await run(Buffer.from('{}', 'utf16le'))).toContain('is written in UTF-16');
});

test('a byte order mark moves no position; a lock file may have one', async () => {
  expect(parseStudyText('\uFEFF{ "seed": 1 }', 'study.json').locate(['seed'])).toEqual({ line: 1, column: 11 });
  expect(await errorOf(`\uFEFF${JSON.stringify({ ...toyStudy(), seeed: 1 })}`)).toContain('There is no "seeed" here.');
  expect(parseLock('\uFEFF{ "lockVersion": 1, "plugins": {}, "data": [] }', 'study.lock.json').data).toEqual([]);
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'study.lock.json'), '\uFEFF{ "lockVersion": 1, "plugins": {}, "data": [] }');
  await using opened = await openStudy({ file: writeStudy(folder, toyStudy()), packages: toyPackages });
  expect(opened.plan.name).toBe('toy');
});

test('a file in another encoding is one error, which says what to do', async () => {
  const text = JSON.stringify(toyStudy(), undefined, 2);
  const utf16 =
    '[study/invalid] <folder>/study.json is not readable as text: it is written in UTF-16. Save it as UTF-8, which every editor can.';
  expect(await errorOf(Buffer.from(`\uFEFF${text}`, 'utf16le'))).toBe(utf16);
  expect(await errorOf(Buffer.from(text, 'utf16le'))).toBe(utf16);
  expect(await errorOf(Buffer.from(`\uFEFF${text}`, 'utf16le').swap16())).toBe(utf16);
  expect(await errorOf(Buffer.from(text, 'utf16le').swap16())).toBe(utf16);
  expect(await errorOf(Buffer.from([0xff, 0xfe, 0, 0, 0x7b, 0, 0, 0]))).toContain('it is written in UTF-32');
  expect(await errorOf(Buffer.from('{\n "name": "gr\u00fcn"\n}', 'latin1'))).toBe(
    '[study/invalid] <folder>/study.json is not readable as text: line 2 has the byte 0xFC where UTF-8 has none, as files in Latin-1 do. Save it as UTF-8.',
  );
  expect(await errorOf(Buffer.from([0x7b, 0x0a, 0x22, 0xe2, 0x82]))).toContain('line 2 has the byte 0xE2');
});

test('an empty file is said to be empty', async () => {
  expect(await errorOf('')).toContain('The file is empty.');
  expect(await errorOf(' \n')).toContain('The file is empty.');
});

test('a text that looks like a number is told how to be quoted', async () => {
  const study: Record<string, unknown> = { ...toyStudy(), params: { ...(toyStudy().params as object), word: 'plain' } };
  Object.assign(study.nodes as object, { data: { use: 'toy/noise', with: { folder: { $param: 'word' } } } });
  expect(await errorOf(JSON.stringify(study), { word: 2024 })).toContain(
    `--param word=2024  Expected a text (a folder that must exist; null needs none); found 2024. For the text, write it in quotes, which the shell must leave: --param 'word="2024"'.`,
  );
  expect(await errorOf(JSON.stringify(study), { word: true })).toContain(`--param 'word="true"'`);
  expect(await errorOf(JSON.stringify(study), { word: [1] })).not.toContain('quotes');
});

test.each([
  ['0.10.48', true],
  ['18.20.8', true],
  ['20.18.3', true],
  ['20.19.0', false],
  ['20.20.2', false],
  ['21.7.3', true],
  ['22.11.0', true],
  ['22.12.0', false],
  ['23.0.0', false],
  ['26.1.0', false],
])('Node %s is too old: %s', (version, isTooOld) => {
  const { tooOld } = createRequire(import.meta.url)('../bin/node-version.js');
  expect(tooOld(version)).toBe(
    isTooOld
      ? `Espalier needs Node 20.19, or 22.12 and later; this is Node ${version}. Install a newer one from https://nodejs.org, then run the command again.`
      : undefined,
  );
});

test('an old Node is told in one sentence, before anything else is read', () => {
  const folder = temporaryFolder();
  const preload = join(folder, 'old.cjs');
  writeFileSync(preload, "Object.defineProperty(process.versions, 'node', { value: '18.20.8' });");
  const bin = join(import.meta.dirname, '../bin/espalier.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--require', preload, bin, '--version'], {
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).toContain('this is Node 18.20.8');
});
