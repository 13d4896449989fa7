import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiVersion, StudyError } from '@espalier/core';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { openStudy } from '../src/index.ts';
import { plugins } from './toy-plugins.ts';
import { runToy, smallStudy, writeStudy } from './toy-study.ts';

const pictures = Array.from({ length: 80 }, (_, i) => `list_files/${i}.webp`);

/** The toy plugins with a reporter that writes a page and, in a folder, its pictures. */
const packages = new Map([['toy-plugins', { apiVersion, plugins: plugins.map(withPictures) }]]);

function withPictures(plugin: (typeof plugins)[number]): unknown {
  if (plugin.kind !== 'reporter') return plugin;
  const names = ['list.html', 'other.txt', ...pictures];
  const write = async () => new Map(names.map((name) => [name, Buffer.from(name)]));
  return { ...plugin, files: ['list.html', 'other.txt', 'list_files/'], create: () => ({ write }) };
}

function asking(outputs: Record<string, string>): Record<string, unknown> {
  const edges = Object.entries(outputs).map(([path, $from]) => [path, { $from }]);
  return smallStudy((study) => Object.assign(study, { outputs: Object.fromEntries(edges) }));
}

async function problemOf(outputs: Record<string, string>): Promise<string> {
  const file = writeStudy(temporaryFolder(), asking(outputs));
  const error = await openStudy({ file, packages }).catch((reason: unknown) => reason);
  if (!StudyError.is(error)) throw error;
  return error.message;
}

test('the folder of a page goes wherever the page goes, and is told of once', async () => {
  const folder = temporaryFolder();
  const asked = asking({ 'a/page.html': 'report.list.html', 'b.txt': 'report.other.txt', all: 'report.files' });
  const { status, outputs, folder: record } = await runToy(folder, asked, { packages });
  expect(status).toBe('ok');
  const out = join(folder, '.espalier/out/toy');
  expect(outputs.map((path) => path.slice(out.length + 1))).toEqual([
    ...['a/page.html', 'a/list_files/', 'b.txt'],
    ...['all/list.html', 'all/list_files/', 'all/other.txt'],
  ]);
  for (const root of [out, record]) {
    expect(readdirSync(join(root, 'a/list_files'))).toHaveLength(80);
    expect(readFileSync(join(root, 'all/list_files/79.webp'), 'utf8')).toBe('list_files/79.webp');
    expect(existsSync(join(root, 'list_files'))).toBe(false);
  }
});

test('two pages whose folders would be one are a problem of the plan', async () => {
  expect(await problemOf({ 'a.html': 'report.list.html', 'b.html': 'report.list.html' })).toContain(
    'Beside the output "a.html" it would write "list_files" a second time. Choose another name for one of them.',
  );
  expect(await problemOf({ 'a.html': 'report.list.html', 'list_files/x.txt': 'report.other.txt' })).toContain(
    'it would write "list_files/x.txt" below "list_files", which takes files of any name.',
  );
});

test('a folder is no file that an output can ask for', async () => {
  expect(await problemOf({ a: 'report.list_files/' })).toMatch(/list_files/);
});
