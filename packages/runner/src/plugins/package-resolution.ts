import { existsSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StudyError } from '@espalier/core';
import { fileError, isMissing, kindOf, notRegular, readRegularFileSync } from '@espalier/files';

/** A package found on disk. */
export interface FoundPackage {
  readonly name: string;
  readonly version: string;
  /** The folder that holds its package.json. */
  readonly folder: string;
  /** The file to import. */
  readonly entry: string;
  /** Named by a path in the study: a whole folder, or one file. Null for what is installed from a registry. */
  readonly local: 'folder' | 'file' | null;
}

/** What is read of a package.json. */
export interface Manifest {
  readonly name?: unknown;
  readonly version: string;
  readonly main?: unknown;
  readonly exports?: unknown;
  readonly files?: unknown;
  readonly dependencies?: unknown;
  readonly peerDependencies?: unknown;
}

// What `import` would follow in Node, in no particular order: the package's own order decides.
const conditions = ['node', 'import', 'module-sync', 'default'];

// npm's rule for names; anything else could lead out of node_modules.
const packageName = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

/** Whether npm could have installed something under this name. */
export function isPackageName(specifier: string): boolean {
  return packageName.test(specifier);
}

/** A plugin named by a folder beside the study, `./my-plugin`, or by the study's own, `.`. */
export function isPath(specifier: string): boolean {
  return ['.', '..'].includes(specifier) || /^\.\.?\//.test(specifier) || isAbsolute(specifier);
}

/** Where `@espalier/runner` itself is installed: the last place to look for a package. */
export const runnerFolder = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * The package that `specifier` names, looked for from each folder in turn; undefined when none has it.
 *
 * @throws StudyError `core/plugin-invalid` when it is there but has nothing to import
 */
export function findPackage(specifier: string, fromFolders: readonly string[]): FoundPackage | undefined {
  if (isPath(specifier)) return packageAt(resolve(fromFolders[0] ?? '.', specifier), specifier);
  if (!packageName.test(specifier)) return undefined;
  for (const path of installedPaths(specifier, fromFolders)) {
    const found = packageAt(path);
    if (found) return found;
  }
  return undefined;
}

/** The folder that a package is installed in, looked for from each folder in turn; undefined when none has it. */
export function packageFolder(name: string, fromFolders: readonly string[]): string | undefined {
  if (!packageName.test(name)) return undefined;
  for (const path of installedPaths(name, fromFolders)) if (statsOf(path)?.isDirectory()) return realpathSync(path);
  return undefined;
}

/** Where a package may be: the package around each folder, if that is its name, as Node has it; or installed there and further up. */
function* installedPaths(name: string, fromFolders: readonly string[]): Generator<string> {
  for (const from of fromFolders) {
    let around: string | undefined;
    for (let folder = resolve(from); ; folder = dirname(folder)) {
      if (around === undefined && existsSync(join(folder, 'package.json'))) {
        around = folder;
        if (readManifest(folder).name === name) yield folder;
      }
      yield join(folder, 'node_modules', name);
      if (folder === dirname(folder)) break;
    }
  }
}

function packageAt(path: string, localName?: string): FoundPackage | undefined {
  const stats = statsOf(path);
  if (!stats) return undefined;
  const real = realpathSync(path);
  if (stats.isFile()) {
    return { name: localName ?? path, version: noVersion, folder: dirname(real), entry: real, local: 'file' };
  }
  if (!stats.isDirectory()) {
    throw notRegular(path, kindOf(stats), { what: 'a package', advice: 'Name its folder, or a file of JavaScript.' });
  }
  const manifest = readManifest(real);
  const target = entryOf(manifest);
  const entry = join(real, target);
  if (relative(real, entry).startsWith('..') || !existsSync(entry)) {
    throw new StudyError(
      'core/plugin-invalid',
      `The package in ${real} has no file "${target}", which is where importing it leads. Build it, or install it again.`,
    );
  }
  return {
    name: typeof manifest.name === 'string' ? manifest.name : (localName ?? path),
    version: manifest.version,
    folder: real,
    entry,
    local: localName === undefined ? null : 'folder',
  };
}

/** What is at a path; undefined for nothing, or below a file. */
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (cause) {
    const isBelowFile = cause instanceof Error && 'code' in cause && cause.code === 'ENOTDIR';
    if (isMissing(cause) || isBelowFile) return undefined;
    throw fileError(cause, path, { what: 'a package' });
  }
}

const noVersion = '0.0.0';

// Of a package.json, ten times what the longest have.
const mostBytes = 16 * 2 ** 20;

/**
 * The package.json in a folder; empty where there is none.
 *
 * @throws StudyError `core/plugin-invalid` where it is no JSON; of `readRegularFileSync` where it cannot be read
 */
export function readManifest(folder: string): Manifest {
  const file = join(folder, 'package.json');
  try {
    const text = readRegularFileSync(file, { what: 'what describes a package', most: mostBytes }).toString('utf8');
    const manifest: Partial<Manifest> | null = JSON.parse(text); // every part is looked at where it is used
    return { ...manifest, version: typeof manifest?.version === 'string' ? manifest.version : noVersion };
  } catch (cause) {
    if (StudyError.is(cause) && cause.code === 'core/data-missing') return { version: noVersion };
    if (StudyError.is(cause)) throw cause;
    throw new StudyError('core/plugin-invalid', `${file} is not readable JSON. Install the package again.`, { cause });
  }
}

/** The file that a package exports under a name of its own, `./prune-and-explain`; undefined where it exports none. */
export function exportedFile({ exports }: Manifest, name: string): string | undefined {
  const named = typeof exports === 'object' && exports !== null && Object.hasOwn(exports, name);
  return named ? followConditions((exports as Record<string, unknown>)[name]) : undefined; // an own property, just checked
}

/** What a package exports beside itself: `./prune-and-explain`. */
export function exportedNames({ exports }: Manifest): readonly string[] {
  const names = typeof exports === 'object' && exports !== null ? Object.keys(exports) : [];
  return names.filter((name) => name.startsWith('./') && name !== './package.json');
}

function entryOf({ exports, main }: Manifest): string {
  const target = followConditions(exports);
  return target ?? (typeof main === 'string' ? main : 'index.js');
}

function followConditions(target: unknown): string | undefined {
  if (typeof target === 'string') return target;
  if (typeof target !== 'object' || target === null) return undefined;
  if ('.' in target) return followConditions(target['.']);
  for (const [condition, next] of Object.entries(target)) {
    if (!conditions.includes(condition)) continue;
    const found = followConditions(next);
    if (found) return found;
  }
  return undefined;
}
