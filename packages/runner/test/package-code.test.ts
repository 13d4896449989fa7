import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { packageCodes } from '../src/plugins/package-code.ts';
import { findPackage } from '../src/plugins/package-resolution.ts';

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/** A workspace of two packages, one built on the other, with one dependency from a registry. */
function workspace(): string {
  const folder = temporaryFolder();
  write(folder, {
    'packages/method/package.json':
      '{ "name": "method", "version": "1.2.0", "files": ["dist"], "main": "dist/index.js", "dependencies": { "core": "1.0.0", "zod": "4.0.0" } }',
    'packages/method/dist/index.js': 'export const plugins = [];',
    'packages/method/test/index.js': 'a test',
    'packages/core/package.json': '{ "name": "core", "version": "1.0.0", "main": "index.js" }',
    'packages/core/index.js': 'export const pi = 3;',
    'node_modules/zod/package.json': '{ "name": "zod", "version": "4.0.0" }',
    'node_modules/zod/index.js': '',
  });
  for (const name of ['method', 'core']) symlinkSync(`../packages/${name}`, join(folder, 'node_modules', name));
  return folder;
}

const codesIn = (folder: string, specifier = 'method') => packageCodes(findPackage(specifier, [folder])!);

test('an edit of a package, or of what it is built on in the same workspace, is other code', () => {
  const folder = workspace();
  const before = codesIn(folder);
  expect(Object.keys(before)).toEqual(['method', 'core']); // zod comes from a registry
  expect(before.method).toMatchObject({ version: '1.2.0', draft: false });
  write(folder, { 'packages/method/test/index.js': 'another test', 'packages/method/README.md': 'words' });
  expect(codesIn(folder)).toEqual(before); // what is not published is no code
  write(folder, { 'packages/core/index.js': 'export const pi = 3.14;' });
  const after = codesIn(folder);
  expect(after.method).toEqual(before.method);
  expect(after.core!.code).not.toBe(before.core!.code);
  write(folder, { 'packages/method/dist/index.js': 'export const plugins = [1];' });
  expect(codesIn(folder).method!.code).not.toBe(before.method!.code);
});

test('what a registry installed is told by its version, what a path names by its content', () => {
  const folder = workspace();
  expect(codesIn(folder, 'zod')).toEqual({ zod: { version: '4.0.0', code: null, draft: false } });
  const { method, core } = codesIn(folder, './packages/method');
  expect(method).toMatchObject({ draft: true });
  expect(core).toMatchObject({ draft: false });
  write(folder, { 'mine.js': 'one' });
  const one = codesIn(folder, './mine.js')['./mine.js'];
  write(folder, { 'mine.js': 'two' });
  expect(codesIn(folder, './mine.js')['./mine.js']!.code).not.toBe(one!.code);
});
