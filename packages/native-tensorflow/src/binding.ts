import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { usableCores } from '@espalier/host';
import type { TensorFlowBinding } from './addon.ts';
import { folderProblem } from './marker.ts';
import {
  bindingPath,
  cacheFolder,
  folderName,
  type Machine,
  mutePath,
  type NativeKey,
  napiVersion,
  parseFolderName,
  preferredFirst,
} from './native-key.ts';
import { bindingProblem } from './verification.ts';

/** An addon that could be loaded, and who put it there. */
export interface NativePlace {
  readonly path: string;
  readonly from: 'ESPALIER_NATIVE' | 'espalier native install' | '@tensorflow/tfjs-node-gpu' | '@tensorflow/tfjs-node';
}

/** Places to try in order, and one sentence for each place that was there but cannot be used. */
export interface NativeSearch {
  readonly places: readonly NativePlace[];
  readonly problems: readonly string[];
}

/** The native library as it was loaded, or why there is none. */
export type NativeTensorFlow =
  | {
      readonly binding: TensorFlowBinding;
      /** TensorFlow's version, for example `2.21.0`. */
      readonly version: string;
      readonly path: string;
      readonly from: NativePlace['from'];
    }
  | { readonly problem: string };

/**
 * Looks for the addon of tfjs-node without loading it: the folder that the environment variable `ESPALIER_NATIVE` names (and
 * then nowhere else), folders made by `espalier native install`, tfjs-node-gpu or tfjs-node as resolved from `from`.
 */
export function locateNative(env: NodeJS.ProcessEnv = process.env, from: string = process.cwd()): NativeSearch {
  if (env.ESPALIER_NATIVE) return namedByEnvironment(resolve(from, env.ESPALIER_NATIVE));
  const installed = installedFolders(cacheFolder(env));
  return { places: [...installed.places, ...resolvedPackages(from)], problems: installed.problems };
}

function namedByEnvironment(folder: string): NativeSearch {
  const path = bindingPath(folder);
  if (existsSync(path)) return { places: [{ path, from: 'ESPALIER_NATIVE' }], problems: [] };
  return {
    places: [],
    problems: [`ESPALIER_NATIVE names ${folder}, but there is no ${path}; unset it to use other installs`],
  };
}

function installedFolders(cache: string): NativeSearch {
  const found = findInstalled(cache, thisMachine());
  return {
    places: found
      .filter(({ problem }) => problem === null)
      .map(({ folder }) => ({ path: bindingPath(folder), from: 'espalier native install' })),
    problems: found.flatMap(({ problem }) => problem ?? []),
  };
}

/** The native folders of a cache that were made for this machine, best first, with what is wrong with each (null: nothing). */
export function findInstalled(
  cache: string,
  machine: Machine,
): { readonly key: NativeKey; readonly folder: string; readonly problem: string | null }[] {
  const keys = list(cache).flatMap((name) => parseFolderName(name) ?? []);
  return preferredFirst(keys, machine).map((key) => {
    const folder = join(cache, folderName(key));
    return { key, folder, problem: folderProblem(folder, key) };
  });
}

function resolvedPackages(from: string): NativePlace[] {
  const require = createRequire(join(from, 'package.json'));
  return (['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const).flatMap((name) => {
    try {
      const path = bindingPath(dirname(require.resolve(`${name}/package.json`)));
      return existsSync(path) ? [{ path, from: name }] : [];
    } catch {
      return [];
    }
  });
}

/** The platform, and whether an NVIDIA driver is loaded (Linux; elsewhere no GPU is assumed). */
export function thisMachine(): Machine {
  // The second is what Windows' subsystem for Linux has.
  const hasGpu = existsSync('/proc/driver/nvidia/version') || existsSync('/dev/dxg');
  return { platform: process.platform, arch: process.arch, hasGpu };
}

/**
 * The native TensorFlow of this machine, loaded, or one sentence that says why there is none. Never throws: each addon first
 * computes in a child process, once per machine, so that a broken one cannot end this process.
 */
export function loadBinding(search: NativeSearch = locateNative()): NativeTensorFlow {
  const problems = [...search.problems];
  for (const { path, from } of search.places) {
    const problem = bindingProblem(path);
    if (problem) {
      problems.push(`the native TensorFlow in ${path} does not work here: ${problem}`);
      continue;
    }
    const binding = load(path);
    if (!('problem' in binding)) return { binding, version: binding.TF_Version, path, from };
    problems.push(`the native TensorFlow in ${path} does not load: ${binding.problem}`);
  }
  return { problem: describe(problems) };
}

function load(path: string): TensorFlowBinding | { problem: string } {
  // TensorFlow reads these once it is loaded; what the user set stays.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
  // On x64 without AVX-512 TensorFlow leaves oneDNN off, whose AVX2 convolutions are faster than its own (`npm run bench`).
  if (process.arch === 'x64') process.env.TF_ENABLE_ONEDNN_OPTS ??= '1';
  const cores = usableCores();
  if (cores < availableParallelism()) process.env.TF_NUM_INTRAOP_THREADS ??= String(cores);
  // `require` of a .node file is `process.dlopen` with one module per path, so a second load returns the same tensors.
  const require = createRequire(import.meta.url);
  const isQuiet = process.env.TF_CPP_MIN_LOG_LEVEL !== '0' && existsSync(mutePath(path));
  try {
    const stderr = isQuiet ? (require(mutePath(path)) as StderrMute) : null;
    stderr?.mute();
    try {
      return require(path) as TensorFlowBinding; // what the addon exports is not known to the compiler
    } finally {
      stderr?.restore();
    }
  } catch (error) {
    return { problem: String(error instanceof Error ? error.message : error).split('\n')[0] ?? '' };
  }
}

/** The addon made from native/stderr-mute.cc. */
interface StderrMute {
  mute(): void;
  restore(): void;
}

function describe(problems: readonly string[]): string {
  if (problems.length > 0) return problems.join('; ');
  return (
    `no native TensorFlow was found: ESPALIER_NATIVE is not set, ${cacheFolder()} holds no install for ` +
    `${process.platform}-${process.arch} (N-API ${napiVersion}), and neither @tensorflow/tfjs-node-gpu nor tfjs-node with its ` +
    'library resolves from the current folder'
  );
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
