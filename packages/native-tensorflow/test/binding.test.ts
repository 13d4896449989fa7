import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { loadBinding, locateNative } from '../src/binding.ts';
import { folderProblem, writeMarker } from '../src/marker.ts';
import { bindingPath, folderName, type NativeKey } from '../src/native-key.ts';
import { bindingProblem, verifyBinding } from '../src/verification.ts';
import { temporaryFolder } from './host.ts';

const key: NativeKey = {
  addon: '4.22.0',
  tensorflow: '2.21.0',
  platform: process.platform,
  arch: process.arch,
  variant: 'cpu',
  napi: 8,
};

const plainBinding = fileURLToPath(new URL('fixtures/plain-binding.cjs', import.meta.url));
let cache = '';
let project = '';

beforeEach(() => {
  const root = temporaryFolder();
  vi.stubEnv('XDG_CACHE_HOME', root);
  vi.stubEnv('ESPALIER_NATIVE', '');
  cache = join(root, 'espalier', 'native');
  project = join(root, 'project');
  mkdirSync(project);
  return () => vi.unstubAllEnvs();
});

function writeAddon(folder: string, text = 'not a library'): string {
  const path = bindingPath(folder);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

function install(changes: Partial<NativeKey> = {}): string {
  const itsKey = { ...key, ...changes };
  const folder = join(cache, folderName(itsKey));
  writeAddon(folder);
  writeMarker(folder, itsKey, [bindingPath('')]);
  return folder;
}

describe('looking for the addon', () => {
  test('finds nothing on a machine that has nothing, and says where it looked', () => {
    expect(locateNative(process.env, project)).toEqual({ places: [], problems: [] });
    expect(loadBinding({ places: [], problems: [] })).toEqual({
      problem: `no native TensorFlow was found: ESPALIER_NATIVE is not set, ${cache} holds no install for ${process.platform}-${process.arch} (N-API 8), and neither @tensorflow/tfjs-node-gpu nor tfjs-node with its library resolves from the current folder`,
    });
  });

  test('takes what ESPALIER_NATIVE names and nothing else', () => {
    install();
    const folder = join(project, 'native');
    const env = { ...process.env, ESPALIER_NATIVE: 'native' };
    expect(locateNative(env, project)).toEqual({
      places: [],
      problems: [
        `ESPALIER_NATIVE names ${folder}, but there is no ${bindingPath(folder)}; unset it to use other installs`,
      ],
    });
    const path = writeAddon(folder);
    expect(locateNative(env, project).places).toEqual([{ path, from: 'ESPALIER_NATIVE' }]);
  });

  test('takes our install before a tfjs-node of the project', () => {
    const path = bindingPath(install());
    const inProject = ['tfjs-node', 'tfjs-node-gpu'].map((name) => {
      const folder = join(project, 'node_modules', '@tensorflow', name);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'package.json'), '{}');
      return folder;
    });
    expect(locateNative(process.env, project).places).toEqual([{ path, from: 'espalier native install' }]);
    const [cpu, gpu] = inProject.map((folder) => writeAddon(folder));
    expect(locateNative(process.env, project).places.slice(1)).toEqual([
      { path: gpu, from: '@tensorflow/tfjs-node-gpu' },
      { path: cpu, from: '@tensorflow/tfjs-node' },
    ]);
  });

  test('passes over installs for other machines without a word', () => {
    install({ arch: 'mips' });
    install({ napi: 7 });
    expect(locateNative(process.env, project)).toEqual({ places: [], problems: [] });
  });
});

describe('an interrupted or damaged install', () => {
  test('is no install without its marker, or with half of one', () => {
    const folder = install();
    expect(folderProblem(folder, key)).toBeNull();
    writeFileSync(join(folder, 'espalier-native.json'), '{"key": "4.22');
    expect(locateNative(process.env, project)).toEqual({
      places: [],
      problems: [`the install in ${folder} was not finished`],
    });
    for (const text of ['null', '[]', '{}', '{"key":"x","files":null}']) {
      writeFileSync(join(folder, 'espalier-native.json'), text);
      expect(folderProblem(folder, key)).toContain('was not finished');
    }
    rmSync(join(folder, 'espalier-native.json'));
    expect(folderProblem(folder, key)).toContain('was not finished');
  });

  test('is noticed by its files, and by a name that is not its own', () => {
    const folder = install();
    expect(folderProblem(folder, { ...key, variant: 'gpu' })).toBe(
      `the install in ${folder} says it is ${folderName(key)}`,
    );
    writeAddon(folder, 'truncated');
    expect(folderProblem(folder, key)).toBe(`${bindingPath(folder)} is missing or has changed`);
    rmSync(bindingPath(folder));
    expect(folderProblem(folder, key)).toBe(`${bindingPath(folder)} is missing or has changed`);
  });
});

describe('a library that does not work', () => {
  test('is a sentence, and the next place is tried', () => {
    const first = bindingPath(install());
    const second = writeAddon(join(project, 'other'));
    const found = loadBinding({
      places: [
        { path: first, from: 'espalier native install' },
        { path: second, from: '@tensorflow/tfjs-node' },
      ],
      problems: ['something else'],
    });
    const problem = 'problem' in found ? found.problem : '';
    expect(problem).toMatch(
      /^something else; the native TensorFlow in .* does not work here: .*(invalid ELF header|file too short|not a mach-o file|not a valid Win32)/,
    );
    expect(problem).toContain(second);
    expect(existsSync(join(cache, 'verified'))).toBe(false);
  });

  test('is a sentence when it went away after it was found', () => {
    const path = join(project, 'gone.node');
    expect(loadBinding({ places: [{ path, from: 'ESPALIER_NATIVE' }], problems: [] })).toEqual({
      problem: `the native TensorFlow in ${path} does not work here: it has gone, another install may be under way`,
    });
  });

  test('ends only the child process when it aborts', () => {
    const path = join(project, 'aborts.cjs');
    writeFileSync(path, 'process.abort();');
    expect(verifyBinding(path)).toEqual({ problem: expect.stringMatching(/^it ended with (SIGABRT|status 134)/) });
  });

  test('is noticed when it computes wrong values, or NaN', () => {
    for (const [change, found] of [
      ['fill(NaN)', 'NaN'],
      ['map((value) => value + 0.001)', '0.001'],
    ] as const) {
      const path = join(project, 'wrong.cjs');
      writeFileSync(
        path,
        `const right = require(${JSON.stringify(plainBinding)});
         module.exports = { ...right, tensorDataSync: (id) => right.tensorDataSync(id).${change} };`,
      );
      expect(bindingProblem(path)).toContain(`Conv2D differs from the plain loop by ${found}`);
    }
    expect(existsSync(join(cache, 'verified'))).toBe(false);
  });

  test('is looked at once per file and machine', () => {
    const path = join(project, 'right.cjs');
    writeFileSync(path, `module.exports = require(${JSON.stringify(plainBinding)});`);
    expect(verifyBinding(path)).toEqual({ version: '0.0.0', gpu: false, errors: expect.anything() });
    expect(bindingProblem(path)).toBeNull();
    expect(readdirSync(join(cache, 'verified'))).toHaveLength(1);
    writeFileSync(path, 'process.abort(); // another file at the same path');
    expect(bindingProblem(path)).toMatch(/^it ended with/);
  });
});
