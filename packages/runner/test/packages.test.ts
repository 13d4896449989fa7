import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { findPackage } from '../src/plugins/package-resolution.ts';
import { packageLoader, shortNamed } from '../src/plugins/plugin-packages.ts';

function write(folder: string, files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const entryOf = (folder: string, specifier: string) => findPackage(specifier, [folder])?.entry.slice(folder.length);

test('a package is found from the study folder upwards, and entered where its exports say', () => {
  const folder = write(temporaryFolder(), {
    'node_modules/a/package.json': '{ "exports": { ".": { "types": "./a.d.ts", "import": "./a.mjs" } } }',
    'node_modules/a/a.mjs': '',
    'node_modules/@b/c/package.json': '{ "exports": "./c.js", "main": "./other.js" }',
    'node_modules/@b/c/c.js': '',
    'node_modules/d/package.json':
      '{ "exports": { "node": { "require": "./d.cjs", "default": "./d.js" }, "default": "./no.js" } }',
    'node_modules/d/d.js': '',
    'node_modules/e/package.json': '{ "main": "lib/e.js" }',
    'node_modules/e/lib/e.js': '',
    'node_modules/f/index.js': '',
    'studies/deep/node_modules/a/package.json': '{ "main": "near.js" }',
    'studies/deep/node_modules/a/near.js': '',
  });
  expect(entryOf(folder, 'a')).toBe('/node_modules/a/a.mjs');
  expect(entryOf(folder, '@b/c')).toBe('/node_modules/@b/c/c.js');
  expect(entryOf(folder, 'd')).toBe('/node_modules/d/d.js');
  expect(entryOf(folder, 'e')).toBe('/node_modules/e/lib/e.js');
  expect(entryOf(folder, 'f')).toBe('/node_modules/f/index.js');
  expect(findPackage('a', [join(folder, 'studies/deep')])!.entry).toBe(
    join(folder, 'studies/deep/node_modules/a/near.js'),
  );
  expect(findPackage('a', [join(folder, 'studies')])!.entry).toBe(join(folder, 'node_modules/a/a.mjs'));
  expect(findPackage('none', [folder])).toBeUndefined();
});

test('a package is found under its own name from within it, but not from within a package inside it', () => {
  const folder = write(temporaryFolder(), {
    'package.json': '{ "name": "@me/own", "exports": "./dist/own.js" }',
    'dist/own.js': '',
    'inner/package.json': '{ "name": "inner" }',
  });
  expect(entryOf(folder, '@me/own')).toBe('/dist/own.js');
  mkdirSync(join(folder, 'studies'));
  expect(findPackage('@me/own', [join(folder, 'studies')])?.folder).toBe(folder);
  expect(findPackage('@me/own', [join(folder, 'inner')])).toBeUndefined();
});

test('a short name is of our package, and of anybody’s where there is none of ours', () => {
  const folder = write(temporaryFolder(), {
    'node_modules/espalier-store-tape/package.json': '{}',
    'node_modules/espalier-store-tape/index.js': '',
    'node_modules/espalier-store-s3/package.json': '{}',
    'node_modules/espalier-store-s3/index.js': '',
    'node_modules/espalier-executor-my-executor/package.json': '{}',
    'node_modules/espalier-executor-my-executor/index.js': '',
  });
  expect(shortNamed('store', 'tape', folder)).toBe('espalier-store-tape');
  expect(shortNamed('store', 's3', folder)).toBe('@espalier/store-s3');
  expect(shortNamed('executor', 'none', folder)).toBe('@espalier/executor-none');
  expect(shortNamed('executor', 'my-executor', folder)).toBe('espalier-executor-my-executor');
  expect(shortNamed('executor', 'an-executor', folder)).toBe('an-executor');
});

test('a package that cannot be imported says why', async () => {
  const folder = write(temporaryFolder(), {
    'node_modules/unbuilt/package.json': '{ "exports": "./dist/index.js" }',
    'node_modules/outside/package.json': '{ "exports": "../../secret.js" }',
    'secret.js': '',
    'node_modules/torn/package.json': '{ "exports": ',
    'node_modules/broken/package.json': '{ "type": "module", "exports": "./index.js" }',
    'node_modules/broken/index.js': 'throw new Error("no GPU here");',
  });
  const told = (name: string) =>
    packageLoader()
      .load(name, folder)
      .then(
        () => 'loaded',
        (error) => `[${error.code}] ${error.message}`.replaceAll(folder, '<folder>'),
      );
  expect(await told('unbuilt')).toMatchInlineSnapshot(
    `"[core/plugin-invalid] The package in <folder>/node_modules/unbuilt has no file "./dist/index.js", which is where importing it leads. Build it, or install it again."`,
  );
  expect(await told('outside')).toMatchInlineSnapshot(
    `"[core/plugin-invalid] The package in <folder>/node_modules/outside has no file "../../secret.js", which is where importing it leads. Build it, or install it again."`,
  );
  expect(await told('torn')).toMatchInlineSnapshot(
    `"[core/plugin-invalid] <folder>/node_modules/torn/package.json is not readable JSON. Install the package again."`,
  );
  expect(await told('@espalier/core@^1')).toMatchInlineSnapshot(
    `"[runner/plugin-not-found] There is no package "@espalier/core@^1". Write the name of an npm package without its version, or a path that starts with "./"."`,
  );
  expect(await told('a/../../secret')).toMatchInlineSnapshot(
    `"[runner/plugin-not-found] There is no package "a/../../secret". Write the name of an npm package without its version, or a path that starts with "./"."`,
  );
  expect(await told('broken')).toMatchInlineSnapshot(
    `"[core/plugin-invalid] The package "broken" could not be imported: no GPU here"`,
  );
});
