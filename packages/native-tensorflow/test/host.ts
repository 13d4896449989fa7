import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Host } from '../src/host.ts';
import { tarball, zip } from './archive.ts';

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-native-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A machine whose only programs are the given shell scripts. Its home holds the files that the fake programs below hand out. */
export function machine(programs: Readonly<Record<string, string>>, changes: Partial<Host> = {}): Host {
  const home = temporaryFolder();
  for (const folder of ['bin', 'project', 'cache']) mkdirSync(join(home, folder));
  for (const { file, bytes } of Object.values(wheels)) writeFileSync(join(home, file), bytes);
  writeFileSync(join(home, 'package.tgz'), npmPackage);
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(home, 'bin', name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(home, 'bin', name), 0o755);
  }
  return {
    platform: 'linux',
    arch: 'x64',
    glibc: '2.36',
    env: { PATH: join(home, 'bin'), HOME: home, XDG_CACHE_HOME: join(home, 'cache') },
    folder: join(home, 'project'),
    freeBytes: async () => 1e12,
    verify: () => ({ version: '2.21.0', gpu: false }),
    ...changes,
  };
}

const tensorflow = zip([
  { name: 'tensorflow/libtensorflow_cc.so.2', bytes: Buffer.from('library') },
  { name: 'tensorflow/libtensorflow_framework.so.2', bytes: Buffer.from('framework') },
  { name: 'tensorflow/include/tensorflow/c/c_api.h', bytes: Buffer.from('header') },
  { name: 'tensorflow/python/other.py', bytes: Buffer.from('not needed') },
  {
    name: 'tensorflow-2.21.0.dist-info/METADATA',
    bytes: Buffer.from('Requires-Dist: nvidia-cublas-cu12<13; extra == "and-cuda"\n'),
  },
]);
const cuda = zip([{ name: 'nvidia/cublas/lib/libcublas.so.12', bytes: Buffer.from('cublas') }]);

const wheels: Readonly<Record<string, { readonly file: string; readonly bytes: Buffer }>> = {
  'tensorflow-cpu==2.21.0': { file: 'tensorflow_cpu-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl', bytes: tensorflow },
  'tensorflow-cpu>=2.18,<3': { file: 'tensorflow_cpu-2.20.0-cp312-cp312-manylinux_2_17_x86_64.whl', bytes: tensorflow },
  'tensorflow==2.21.0': { file: 'tensorflow-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl', bytes: tensorflow },
  'nvidia-cublas-cu12<13': { file: 'nvidia_cublas_cu12-12.9.3-py3-none-manylinux_2_27_x86_64.whl', bytes: cuda },
};

const npmPackage = tarball([
  { name: 'package/binding/a.cc', bytes: Buffer.from('// a') },
  { name: 'package/binding/b.cc', bytes: Buffer.from('// b') },
]);

const versionAnswer = (text: string) => `case "$*" in *--version*) echo '${text}'; exit 0;; esac`;

/** Leaves the last argument in $last, and what follows `option` in $2. */
const readArguments = (option: string) => `for last; do :; done; while [ "$1" != ${option} ]; do shift; done`;

/** A python3 whose pip has the four wheels above, without those in `missing`, and lists in ~/asked what it was asked for. */
export function fakePip(missing: readonly string[] = []): string {
  const cases = Object.entries(wheels)
    .filter(([requirement]) => !missing.includes(requirement))
    .map(([requirement, { file }]) => `'${requirement}') /bin/cp "$HOME/${file}" "$2";;`);
  return `
${versionAnswer('pip 23')}
${readArguments('--dest')}
echo "$last" >> "$HOME/asked"
case "$last" in
${cases.join('\n')}
*)
  echo "ERROR: Could not find a version that satisfies the requirement $last (from versions: 2.19.0, 2.20.0)" >&2
  echo "ERROR: No matching distribution found for $last" >&2
  exit 1;;
esac`;
}

/** A compiler that writes the same word wherever it is told to. */
export const fakeCompiler = `${versionAnswer('fake c++ 1.0')}\n${readArguments('-o')}\necho compiled > "$2"`;

/** An npm whose only package holds binding/a.cc and binding/b.cc. */
export const fakeNpm = `${readArguments('--pack-destination')}\n/bin/cp "$HOME/package.tgz" "$2"`;

/** The programs of a machine where everything works; npm is not needed where the addon's sources are installed. */
export const workingPrograms = { python3: fakePip(), 'c++': fakeCompiler };
