import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { StudyError } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import type { Host } from '../src/host.ts';
import { installNative } from '../src/install/install.ts';
import { packageSources } from '../src/install/node-package.ts';
import { fakeCompiler, fakeNpm, fakePip, machine, workingPrograms } from './host.ts';

const folder = '4.22.0-tf2.21.0-linux-x64-cpu-napi8';

async function install(host: Host, options: { gpu?: boolean; force?: boolean } = {}) {
  const lines: string[] = [];
  const result = await installNative({ gpu: false, force: false, ...options, log: (line) => lines.push(line) }, host);
  return { ...result, lines };
}

/** The text of the error, which must be ours, with the machine's own folders left out. */
async function failure(host: Host, options: { gpu?: boolean; force?: boolean } = {}): Promise<string> {
  const error = await install(host, options).then(
    () => null,
    (error: unknown) => error,
  );
  if (!StudyError.is(error)) throw new Error('expected a StudyError', { cause: error });
  expect((error as StudyError).code).toBe('native-tensorflow/install-failed');
  expect(readdirSync(cacheOf(host)).filter((name) => name.startsWith('work-'))).toEqual([]);
  return (error as StudyError).message.replaceAll(host.env.HOME ?? '', '~');
}

function cacheOf(host: Host): string {
  const cache = join(host.env.XDG_CACHE_HOME ?? '', 'espalier', 'native');
  mkdirSync(cache, { recursive: true });
  return cache;
}

describe('an install', () => {
  test('leaves the libraries, the addon and the marker in place, and nothing else', async () => {
    const host = machine(workingPrograms);
    const { changed, path, version, lines } = await install(host);
    expect({ changed, version }).toEqual({ changed: true, version: '2.21.0' });
    expect(path).toBe(join(cacheOf(host), folder));
    expect(readdirSync(path, { recursive: true }).sort()).toEqual([
      'deps',
      'deps/lib',
      'deps/lib/libtensorflow.so',
      'deps/lib/libtensorflow_cc.so.2',
      'deps/lib/libtensorflow_framework.so',
      'deps/lib/libtensorflow_framework.so.2',
      'espalier-native.json',
      'lib',
      'lib/napi-v8',
      'lib/napi-v8/stderr_mute.node',
      'lib/napi-v8/tfjs_binding.node',
    ]);
    expect(readFileSync(join(path, 'deps/lib/libtensorflow.so'), 'utf8')).toBe('library');
    expect(readdirSync(cacheOf(host)).sort()).toEqual([folder, 'verified']);
    expect(lines.join('\n')).toMatch(
      /asking pip.*\ndownloaded tensorflow_cpu-2\.21\.0.*MB.* s\)\nunpacked.*\ncompiled.*fake c\+\+ 1\.0/,
    );
  });

  test('does nothing the second time, and everything again when forced', async () => {
    const host = machine(workingPrograms);
    await install(host);
    const again = await install(host);
    expect(again.changed).toBe(false);
    expect(again.lines).toEqual([
      `TensorFlow 2.21.0 is installed and works: ${again.path} (--force installs it again)`,
    ]);
    const before = statSync(again.path).ino;
    expect((await install(host, { force: true })).changed).toBe(true);
    expect(statSync(again.path).ino).not.toBe(before);
    expect(readdirSync(cacheOf(host)).filter((name) => name !== 'verified')).toEqual([folder]);
  });

  test('repeats one that does not compute any more, or that has lost a file', async () => {
    const host = machine(workingPrograms);
    const { path } = await install(host);
    let calls = 0;
    const broken: Host = {
      ...host,
      verify: () => (calls++ === 0 ? { problem: 'it ended with SIGILL' } : { version: '2.21.0', gpu: false }),
    };
    const repaired = await install(broken);
    expect(repaired.changed).toBe(true);
    expect(repaired.lines[0]).toBe(
      `the TensorFlow in ${path} does not work (it ended with SIGILL); installing it again`,
    );
    writeFileSync(join(path, 'deps/lib/libtensorflow_cc.so.2'), 'half');
    expect((await install(host)).changed).toBe(true);
    expect(readFileSync(join(path, 'deps/lib/libtensorflow_cc.so.2'), 'utf8')).toBe('library');
  });

  test('repeats one whose addon was made by an older version', async () => {
    const host = machine(workingPrograms);
    const { path } = await install(host);
    const marker = join(path, 'espalier-native.json');
    const { recipe, ...older } = JSON.parse(readFileSync(marker, 'utf8'));
    expect(recipe).toBe(2);
    writeFileSync(marker, JSON.stringify(older));
    const { changed, lines } = await install(host);
    expect(changed).toBe(true);
    expect(lines[0]).toBe(`the addon in ${path} was made by an older version of espalier; installing it again`);
    expect((await install(host)).changed).toBe(false);
  });

  test.each([false, true])('may run twice at once (forced: %s)', async (force) => {
    const host = machine(workingPrograms);
    const results = await Promise.all([install(host, { force }), install(host, { force }), install(host, { force })]);
    expect(new Set(results.map(({ path }) => path)).size).toBe(1);
    expect(readdirSync(cacheOf(host)).sort()).toEqual([folder, 'verified']);
    expect((await install(host)).changed).toBe(false);
  });

  test('removes what killed installs left, and leaves alone those that still run', async () => {
    const host = machine(workingPrograms);
    const here = hostname().replaceAll(/[^A-Za-z0-9.]/g, '_');
    // No process has this id: Linux gives none above 2^22.
    const names = [
      `work-${here}-99999999-abc`,
      `work-${here}-${process.pid}-abc`,
      'work-elsewhere-1-abc',
      'work-elsewhere-2-abc',
    ];
    for (const name of names) mkdirSync(join(cacheOf(host), name));
    utimesSync(join(cacheOf(host), names[2]!), 0, 0);
    await install(host);
    expect(
      readdirSync(cacheOf(host))
        .filter((name) => name.startsWith('work-'))
        .sort(),
    ).toEqual([names[3], names[1]].sort());
  });

  test('says that ESPALIER_NATIVE goes first', async () => {
    const host = machine(workingPrograms);
    const { lines } = await install({ ...host, env: { ...host.env, ESPALIER_NATIVE: '/elsewhere' } });
    expect(lines[0]).toBe('ESPALIER_NATIVE is set, so studies use /elsewhere and not what is installed here');
  });

  test('takes the newest other release when the index lacks the tested one', async () => {
    const host = machine({ ...workingPrograms, python3: fakePip(['tensorflow-cpu==2.21.0']) });
    expect((await install(host)).path).toBe(join(cacheOf(host), '4.22.0-tf2.20.0-linux-x64-cpu-napi8'));
  });

  test('with a GPU also unpacks the CUDA libraries that the wheel names, and says when no GPU is seen', async () => {
    const host = machine(workingPrograms);
    const { path, lines } = await install(host, { gpu: true });
    expect(path).toMatch(/-gpu-napi8$/);
    expect(readFileSync(join(path, 'deps/nvidia/cublas/lib/libcublas.so.12'), 'utf8')).toBe('cublas');
    expect(lines.find((line) => line.startsWith('verified'))).toContain('TensorFlow sees no GPU');
    expect(await readFile(join(host.env.HOME ?? '', 'asked'), 'utf8')).toBe(
      'tensorflow==2.21.0\nnvidia-cublas-cu12<13\n',
    );
  });
});

describe('one sentence says what is missing:', () => {
  test('the platform', async () => {
    expect(await failure(machine({}, { platform: 'darwin', arch: 'arm64', glibc: null }))).toMatchInlineSnapshot(
      `"The native TensorFlow could not be installed: it is made for Linux on x64 and arm64 and this is darwin-arm64; studies run on WebAssembly here."`,
    );
    expect(await failure(machine({}, { arch: 'riscv64' }))).toContain('this is linux-riscv64');
    expect(await failure(machine({}, { glibc: null }))).toMatchInlineSnapshot(
      `"The native TensorFlow could not be installed: TensorFlow's wheels need the GNU C library and this Linux has another one (musl, as on Alpine)."`,
    );
    expect(await failure(machine({}, { glibc: '2.17' }))).toMatchInlineSnapshot(
      `"The native TensorFlow could not be installed: TensorFlow's wheels need the GNU C library 2.27 or newer and this Linux has 2.17."`,
    );
    expect(await failure(machine({}, { arch: 'arm64' }), { gpu: true })).toMatchInlineSnapshot(
      `"The native TensorFlow could not be installed: TensorFlow's CUDA wheels exist for Linux on x64 only and this is linux-arm64; leave out --gpu."`,
    );
  });

  test('Python, or a Python without pip', async () => {
    const sentence = await failure(machine({ 'c++': fakeCompiler }));
    expect(sentence).toMatchInlineSnapshot(
      `"The native TensorFlow could not be installed: pip was not found (tried python3 -m pip, python -m pip, pip3 and pip); install Python 3 with pip (Debian and Ubuntu: apt install python3-pip), which is only used to download a wheel."`,
    );
    expect(await failure(machine({ 'c++': fakeCompiler, python3: 'exit 1' }))).toBe(sentence);
  });

  test('a compiler, also one that CXX names', async () => {
    expect(await failure(machine({ python3: fakePip() }))).toMatchInlineSnapshot(
      `"The native TensorFlow could not be installed: no C++ compiler was found (tried c++, g++, clang++); install one (Debian and Ubuntu: apt install g++; Fedora: dnf install gcc-c++) or name one with CXX."`,
    );
    const host = machine(workingPrograms);
    const named = { ...host, env: { ...host.env, CXX: 'icpx -O3' } };
    expect(await failure(named)).toContain('no C++ compiler was found (tried icpx)');
  });

  test('disk space', async () => {
    expect(await failure(machine(workingPrograms, { freeBytes: async () => 0.7e9 }))).toMatchInlineSnapshot(
      `"The native TensorFlow could not be installed: it needs 1.5 GB of disk space and ~/cache/espalier/native has 0.7 GB left; free some, or set XDG_CACHE_HOME to another disk."`,
    );
    expect(await failure(machine(workingPrograms, { freeBytes: async () => 2e9 }), { gpu: true })).toContain('8.0 GB');
  });

  test('the network', async () => {
    const python3 = `
case "$*" in *--version*) exit 0;; esac
echo 'WARNING: Retrying (Retry(total=0)) after connection broken' >&2
echo 'ERROR: Could not find a version that satisfies the requirement tensorflow-cpu==2.21.0 (from versions: none)' >&2
exit 1`;
    expect(await failure(machine({ ...workingPrograms, python3 }))).toMatchInlineSnapshot(
      `"The native TensorFlow could not be installed: pip could not download tensorflow-cpu==2.21.0 (Could not find a version that satisfies the requirement tensorflow-cpu==2.21.0 (from versions: none)); the package index could not be reached or has none for this platform: check the network, or name a mirror with PIP_INDEX_URL."`,
    );
  });

  test('every release', async () => {
    const python3 = fakePip(['tensorflow-cpu==2.21.0', 'tensorflow-cpu>=2.18,<3']);
    expect(await failure(machine({ ...workingPrograms, python3 }))).toMatchInlineSnapshot(
      `"The native TensorFlow could not be installed: pip could not download tensorflow-cpu>=2.18,<3 (Could not find a version that satisfies the requirement tensorflow-cpu>=2.18,<3 (from versions: 2.19.0, 2.20.0)); check pip with the same requirement, or name another index with PIP_INDEX_URL."`,
    );
  });

  test('a compiler that is new enough', async () => {
    const compiler = `
case "$*" in *--version*) echo 'g++ 4.8'; exit 0;; esac
echo "g++: error: unrecognized option '-std=c++17'" >&2
exit 1`;
    expect(await failure(machine({ ...workingPrograms, 'c++': compiler }))).toMatchInlineSnapshot(
      `"The native TensorFlow could not be installed: g++ 4.8 could not compile the addon of tfjs-node (g++: error: unrecognized option '-std=c++17'); it needs C++17 (g++ 9 or clang++ 9 or newer)."`,
    );
  });

  test('a CPU that the library runs on', async () => {
    const host = machine(workingPrograms, { verify: () => ({ problem: 'it ended with SIGILL' }) });
    expect(await failure(host)).toMatchInlineSnapshot(
      `"The native TensorFlow could not be installed: the addon was built but does not compute on this machine: it ended with SIGILL."`,
    );
    expect(existsSync(join(cacheOf(host), folder))).toBe(false);
  });

  test('a cache that is a folder', async () => {
    const host = machine(workingPrograms);
    const file = join(host.env.HOME ?? '', 'file');
    writeFileSync(file, '');
    const elsewhere = { ...host, env: { ...host.env, XDG_CACHE_HOME: file } };
    await expect(install(elsewhere)).rejects.toThrow(
      /file\/espalier\/native cannot be written \(ENOTDIR\); set XDG_CACHE_HOME/,
    );
  });
});

describe('sources of an npm package', () => {
  const request = { name: '@example/not-installed', version: '1.0.0', within: 'binding', files: ['a.cc', 'b.cc'] };

  test('come from npm where the package is not installed', async () => {
    const host = machine({ npm: fakeNpm });
    const { folder, origin } = await packageSources(request, host, cacheOf(host));
    expect(readdirSync(folder).filter((name) => !name.endsWith('.tgz'))).toEqual(['a.cc', 'b.cc']);
    expect(readFileSync(join(folder, 'a.cc'), 'utf8')).toBe('// a');
    expect(origin).toBe('npm pack @example/not-installed@1.0.0');
  });

  test('come from the project, when it has this very version', async () => {
    const host = machine({});
    const installed = join(host.folder, 'node_modules', '@example', 'not-installed');
    mkdirSync(join(installed, 'binding'), { recursive: true });
    for (const name of request.files) writeFileSync(join(installed, 'binding', name), '');
    writeFileSync(join(installed, 'package.json'), '{ "version": "1.0.0" }');
    expect(await packageSources(request, host, cacheOf(host))).toEqual({
      folder: join(installed, 'binding'),
      origin: installed,
    });
    writeFileSync(join(installed, 'package.json'), '{ "version": "1.0.1" }');
    await expect(packageSources(request, host, cacheOf(host))).rejects.toThrow('npm was not found on the PATH');
  });

  test('are missed with a sentence', async () => {
    const incomplete = machine({ npm: fakeNpm });
    const other = { ...request, files: ['a.h'] };
    await expect(packageSources(other, incomplete, cacheOf(incomplete))).rejects.toThrow('from npm has no binding/a.h');
    const offline = machine({
      npm: `echo 'npm error code ECONNREFUSED' >&2; echo 'npm error FetchError: connect ECONNREFUSED' >&2; exit 1`,
    });
    await expect(packageSources(request, offline, cacheOf(offline))).rejects.toThrow(
      "npm could not fetch @example/not-installed@1.0.0 (FetchError: connect ECONNREFUSED); check the network and npm's registry setting.",
    );
  });
});
