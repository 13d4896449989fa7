import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { NativeInstallOptions } from '@espalier/core';
import { findInstalled } from '../binding.ts';
import { type Host, platformProblem, thisHost } from '../host.ts';
import { folderProblem, isOutdated, writeMarker } from '../marker.ts';
import { addonVersion, bindingPath, cacheFolder, folderName, type NativeKey, napiVersion } from '../native-key.ts';
import { recordVerified } from '../verification.ts';
import { type Compiler, compileAddon, findCompiler } from './compile.ts';
import { installFailure, unexpectedFailure } from './install-failure.ts';
import { addonSources, napiHeaders, packageSources } from './node-package.ts';
import { removeStale, workFolderPrefix } from './stale-folders.ts';
import { linkLibraries, placeCuda, placeTensorflow, tensorflowLibraries } from './wheel-layout.ts';
import {
  cudaRequirements,
  type FetchWheel,
  tensorflowRequirements,
  wheelFetcher,
  wheelMetadata,
  wheelVersion,
} from './wheels.ts';
import { unzip } from './zip.ts';

/** What an installation did, and where it is. */
export interface NativeInstallResult {
  /** False when a working install was there already. */
  readonly changed: boolean;
  /** The native folder, which `ESPALIER_NATIVE` may also name. */
  readonly path: string;
  /** TensorFlow's version. */
  readonly version: string;
}

/** Bytes needed at the worst moment, when a wheel lies beside what was unpacked from it, and something to spare. */
const neededBytes = { cpu: 1.5e9, gpu: 8e9 } as const;

interface Installation {
  readonly options: NativeInstallOptions;
  readonly host: Host;
  readonly cache: string;
  /** A folder of this process on the same disk as the cache, so that the last step is one rename. */
  readonly work: string;
  readonly fetchWheel: FetchWheel;
  readonly compiler: Compiler;
}

/**
 * Builds tfjs-node's addon against TensorFlow's libraries from the PyPI wheel, in the user's cache, and checks that it computes.
 * Does nothing where a working one is. Any number of installs may run at once; one that is killed leaves nothing that counts.
 * @throws StudyError `native-tensorflow/install-failed`, with one sentence that says what is missing.
 */
export async function installNative(
  options: NativeInstallOptions,
  host: Host = thisHost(),
): Promise<NativeInstallResult> {
  const cache = cacheFolder(host.env);
  try {
    const unsupported = platformProblem(host, options.gpu);
    if (unsupported) throw installFailure(unsupported);
    if (host.env.ESPALIER_NATIVE) {
      options.log(`ESPALIER_NATIVE is set, so studies use ${host.env.ESPALIER_NATIVE} and not what is installed here`);
    }
    const present = options.force ? null : workingInstall(options, host, cache);
    return present ?? (await installAnew(options, host, cache));
  } catch (error) {
    throw unexpectedFailure(error, cache);
  }
}

function workingInstall(options: NativeInstallOptions, host: Host, cache: string): NativeInstallResult | null {
  const variant = options.gpu ? 'gpu' : 'cpu';
  const machine = { platform: host.platform, arch: host.arch, hasGpu: options.gpu };
  for (const { key, folder, problem } of findInstalled(cache, machine)) {
    if (key.variant !== variant || problem) continue;
    if (isOutdated(folder)) {
      options.log(`the addon in ${folder} was made by an older version of espalier; installing it again`);
      continue;
    }
    const verification = host.verify(bindingPath(folder));
    if ('problem' in verification) {
      options.log(`the TensorFlow in ${folder} does not work (${verification.problem}); installing it again`);
      continue;
    }
    recordVerified(bindingPath(folder), cache);
    options.log(`TensorFlow ${verification.version} is installed and works: ${folder} (--force installs it again)`);
    return { changed: false, path: folder, version: verification.version };
  }
  return null;
}

async function installAnew(options: NativeInstallOptions, host: Host, cache: string): Promise<NativeInstallResult> {
  const fetchWheel = await wheelFetcher(host);
  const compiler = await findCompiler(host);
  await expectSpace(options.gpu ? neededBytes.gpu : neededBytes.cpu, host, cache);
  await mkdir(cache, { recursive: true });
  for (const folder of await removeStale(cache)) options.log(`removed ${folder}, left by an install that was ended`);
  const work = await mkdtemp(join(cache, workFolderPrefix()));
  try {
    return await build({ options, host, cache, work, fetchWheel, compiler });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function expectSpace(needed: number, host: Host, cache: string): Promise<void> {
  const free = await host.freeBytes(cache);
  if (free >= needed) return;
  throw installFailure(
    `it needs ${gigabytes(needed)} of disk space and ${cache} has ${gigabytes(free)} left; free some, or set XDG_CACHE_HOME to another disk`,
  );
}

async function build(installation: Installation): Promise<NativeInstallResult> {
  const { options, host, cache, work, compiler } = installation;
  const folder = join(work, 'native');
  const addon = await packageSources(addonSources, host, work);
  const napi = await packageSources(napiHeaders, host, work);
  options.log(`addon sources: ${addon.origin}; N-API headers: ${napi.origin}`);
  const version = await unpackTensorflow(installation);
  await timed(options, async () => {
    const task = { folder, addon: addon.folder, napi: napi.folder, tensorflow: join(work, 'include') };
    await compileAddon(compiler, task, host);
    return `compiled the addon with ${compiler.description}`;
  });
  await verify(installation, folder);
  const { platform, arch } = host;
  const variant = options.gpu ? 'gpu' : 'cpu';
  const key: NativeKey = { addon: addonVersion, tensorflow: version, platform, arch, variant, napi: napiVersion };
  writeMarker(folder, key, [
    bindingPath('', napiVersion),
    ...tensorflowLibraries.map((file) => join('deps', 'lib', file)),
  ]);
  const path = join(cache, folderName(key));
  await moveIntoPlace(installation, folder, key);
  recordVerified(bindingPath(path), cache);
  options.log(`installed in ${path}`);
  return { changed: true, path, version };
}

async function unpackTensorflow(installation: Installation): Promise<string> {
  const { options, host, work } = installation;
  const wheel = await fetch(installation, tensorflowRequirements(options.gpu ? 'gpu' : 'cpu', host.arch));
  await timed(options, async () => {
    const bytes = await unzip(wheel, work, placeTensorflow);
    await linkLibraries(join(work, 'native', 'deps', 'lib'));
    return `unpacked its libraries and headers, ${megabytes(bytes)}`;
  });
  if (options.gpu) await unpackCuda(installation, cudaRequirements(await wheelMetadata(wheel)));
  await rm(wheel, { force: true });
  return wheelVersion(basename(wheel));
}

async function unpackCuda(installation: Installation, requirements: readonly string[]): Promise<void> {
  if (requirements.length === 0) throw installFailure('this TensorFlow wheel names no CUDA wheels (extra and-cuda)');
  for (const requirement of requirements) {
    const wheel = await fetch(installation, [requirement]);
    await unzip(wheel, installation.work, placeCuda);
    await rm(wheel);
  }
}

async function fetch({ options, work, fetchWheel }: Installation, requirements: readonly string[]): Promise<string> {
  options.log(`asking pip for ${requirements[0]}`);
  const folder = await mkdtemp(join(work, 'wheel-'));
  let wheel = '';
  await timed(options, async () => {
    wheel = await fetchWheel(requirements, folder);
    return `downloaded ${basename(wheel)}, ${megabytes((await stat(wheel)).size)}`;
  });
  return wheel;
}

async function verify({ options, host }: Installation, folder: string): Promise<void> {
  await timed(options, async () => {
    const verification = host.verify(bindingPath(folder));
    if ('problem' in verification) {
      throw installFailure(`the addon was built but does not compute on this machine: ${verification.problem}`);
    }
    const device = verification.gpu ? 'the GPU' : 'the CPU';
    const unseen = options.gpu && !verification.gpu ? '; TensorFlow sees no GPU, is the NVIDIA driver loaded?' : '';
    return `verified on ${device}: a convolution and its two gradients equal plain loops${unseen}`;
  });
}

/** Another install may finish first, or an older folder may be there; whoever looks sees a finished folder or none. */
async function moveIntoPlace({ options, cache, work }: Installation, folder: string, key: NativeKey): Promise<void> {
  const target = join(cache, folderName(key));
  for (let attempt = 0; ; attempt++) {
    try {
      return await rename(folder, target);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if ((code !== 'ENOTEMPTY' && code !== 'EEXIST') || attempt === 9) throw error;
    }
    if (!options.force && folderProblem(target, key) === null && !isOutdated(target)) return;
    await rename(target, join(work, `replaced-${attempt}`)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
}

async function timed({ log }: NativeInstallOptions, work: () => Promise<string>): Promise<void> {
  const started = performance.now();
  const line = await work();
  log(`${line} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
