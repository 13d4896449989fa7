import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kinds } from '@espalier/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { main } from '../src/command.ts';
import { packageKinds } from '../src/kinds.ts';
import { methodFiles } from '../src/method-files.ts';
import { repositoryFiles, versions } from '../src/repository.ts';

let folder: string;
let told: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'create-espalier-'));
  told = '';
  const note = (text: string) => {
    told += `${text}\n`;
  };
  vi.spyOn(console, 'log').mockImplementation(note);
  vi.spyOn(console, 'error').mockImplementation(note);
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const allKinds = Object.keys(packageKinds) as (keyof typeof packageKinds)[]; // the record's own keys
const read = (path: string) => readFileSync(join(folder, path), 'utf8');

test('every kind of core has a template, and so have executors and stores', () => {
  expect(allKinds).toEqual([...kinds, 'executor', 'store']);
});

test.each(allKinds)('a repository for a %s has all that it is worked on with, and no name of the template', (kind) => {
  expect(main(['my-own', '--kind', kind, '--no-git'], folder), told).toBe(0);
  const names = [
    'package.json',
    'tsconfig.json',
    'study.json',
    'README.md',
    'LICENSE',
    '.gitignore',
    '.github/workflows/ci.yml',
  ];
  for (const name of [...names, 'src/index.ts', 'src/my-own.ts', 'test/my-own.test.ts'])
    expect(read(`my-own/${name}`), name).not.toMatch(/my-p(ackage|lugin)|myPlugin|My plugin/);
  const manifest = JSON.parse(read('my-own/package.json'));
  expect(manifest.peerDependencies['@espalier/core']).toBe('^0.1.0');
  expect(manifest.devDependencies).toMatchObject(manifest.peerDependencies);
  const study = JSON.parse(read('my-own/study.json'));
  const used = Object.values(study.plugins as Record<string, string>).filter((name) => name !== manifest.name);
  expect(Object.keys(manifest.devDependencies)).toEqual(expect.arrayContaining([...used, '@espalier/runner']));
  expect(read('my-own/src/index.ts')).toContain("export const apiVersion = 'plugin/v1';");
});

test('executors and stores are named so that a run finds them by their short name', () => {
  main(['grid', '--kind', 'executor', '--no-git'], folder);
  main(['espalier-store-tape', '--kind', 'store', '--no-git'], folder);
  expect(JSON.parse(read('grid/package.json')).name).toBe('espalier-executor-grid');
  expect(JSON.parse(read('tape/package.json')).name).toBe('espalier-store-tape');
  expect(read('tape/src/tape.ts')).toContain("url.replace('tape://', '')");
});

test('a scoped package has its method without the scope', () => {
  expect(main(['@me/guided', '--kind', 'explainer', '--stochastic', '--no-git'], folder)).toBe(0);
  expect(JSON.parse(read('guided/package.json')).name).toBe('@me/guided');
  expect(JSON.parse(read('guided/study.json')).plugins.mine).toBe('@me/guided');
  expect(read('guided/src/guided.ts')).toContain("name: 'guided',");
});

test.each(['delete', 'z', 'plugins', 'define-plugin', 'nd-array', 'test', 'images', 'values'])(
  'the method "%s" has a name in code that nothing else there has',
  (name) => {
    const files = methodFiles({ kind: 'explainer', name, packageName: name });
    expect(files['src/index.ts']).toMatch(/import \{ \w+Plugin \} from/);
    expect(files[`test/${name}.test.ts`]).toContain(`describeExplainer('${name}'`);
  },
);

test('the repository is one of git, unless the folder is within one', () => {
  expect(main(['mine', '--kind', 'metric'], folder), told).toBe(0);
  expect(existsSync(join(folder, 'mine/.git'))).toBe(true);
  execFileSync('git', ['init', '--quiet'], { cwd: folder });
  expect(main(['other', '--kind', 'metric'], folder), told).toBe(0);
  expect(existsSync(join(folder, 'other/.git'))).toBe(false);
  expect(told).toContain('It is part of the git repository around it.');
});

test.each<readonly [title: string, argv: readonly string[], text: string | RegExp]>([
  ['no name', ['--kind', 'metric'], 'Expected one name, found none.'],
  [
    'flags that npm took',
    ['my-own', 'explainer'],
    'Expected one name, found my-own, explainer. npm takes flags for its own unless they stand behind "--"',
  ],
  [
    'no kind',
    ['my-own'],
    'Expected --kind with one of dataset, model, pruner, explainer, concepts, metric, reporter, executor, store; found none.',
  ],
  ['another kind', ['my-own', '--kind', 'Explainer'], 'found "Explainer".'],
  ['a kind that every object has', ['my-own', '--kind', 'toString'], 'found "toString".'],
  ['a flag that is none', ['my-own', '--knd', 'metric'], /Unknown option '--knd'(.|\n)*--kind <kind>/],
  ['a flag without its value', ['my-own', '--kind'], /--kind.*argument missing(.|\n)*npm create espalier/],
  [
    'capital letters',
    ['My-Own', '--kind', 'metric'],
    'Expected a name that an npm package can have and a study can use, such as my-explainer or @me/my-explainer; found "My-Own".',
  ],
  ['a path', ['../out', '--kind', 'metric'], 'found "../out".'],
  [
    'a digit first',
    ['3d', '--kind', 'metric'],
    'Expected the name of a method in kebab-case, such as "guided-gradients"; found "3d".',
  ],
  ['the name of a file that is there', ['index', '--kind', 'metric'], '"index" is the file that exports it.'],
  ['a module of Node', ['path', '--kind', 'metric'], 'found "path", which is a module of Node.'],
  ['a long name', ['a'.repeat(215), '--kind', 'metric'], 'Expected a name that an npm package can have'],
  [
    'a scope that no run would find',
    ['@me/tape', '--kind', 'store'],
    'A run finds a store by the scheme of its URL, as the package espalier-store-tape; found the scope @me/. Leave it out.',
  ],
  [
    'noise of no explainer',
    ['my-own', '--kind', 'pruner', '--stochastic'],
    '--stochastic is of explainers; found --kind pruner.',
  ],
])('%s: one error, and nothing is written', (_, argv, text) => {
  expect(main(argv, folder)).toBe(2);
  expect(told).toMatch(text);
  expect(told.startsWith('create-espalier: ')).toBe(true);
  expect(existsSync(join(folder, 'my-own'))).toBe(false);
});

test('what is there is left alone', () => {
  mkdirSync(join(folder, 'full'));
  writeFileSync(join(folder, 'full/notes.txt'), 'mine');
  writeFileSync(join(folder, 'file'), 'mine');
  expect(main(['full', '--kind', 'metric'], folder)).toBe(2);
  expect(main(['file', '--kind', 'metric'], folder)).toBe(2);
  expect(told.replaceAll(folder, '<folder>')).toBe(
    'create-espalier: The folder <folder>/full is there and not empty: it has notes.txt. Choose another name, or empty it.\n' +
      'create-espalier: <folder>/file is a file. Choose another name, or move it away.\n',
  );
  mkdirSync(join(folder, 'empty'));
  expect(main(['empty', '--kind', 'metric', '--no-git'], folder), told).toBe(0);
});

test('without git nothing is written, unless that is asked', () => {
  vi.stubEnv('PATH', folder);
  expect(main(['my-own', '--kind', 'metric'], folder)).toBe(2);
  expect(told).toBe(
    'create-espalier: git was not found, so no repository can be made. Install it, or go without: --no-git.\n',
  );
  expect(existsSync(join(folder, 'my-own'))).toBe(false);
  expect(main(['my-own', '--kind', 'metric', '--no-git'], folder)).toBe(0);
});

test('what a repository is built with is what this one is', () => {
  const { devDependencies } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8'));
  const core = JSON.parse(readFileSync(join(import.meta.dirname, '../../core/package.json'), 'utf8'));
  const here = { ...devDependencies, zod: core.dependencies.zod };
  for (const [name, range] of Object.entries(versions)) expect(range, name).toBe(`^${here[name]}`);
  const manifest = JSON.parse(repositoryFiles({ kind: 'metric', name: 'a', packageName: 'a' })['package.json']!);
  expect(manifest.peerDependencies['@espalier/core']).toBe(`^${core.version}`);
});
