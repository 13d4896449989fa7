import { type Dirent, existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileError, readRegularFileSync } from '@espalier/files';
import { type PackageCode, type PackageCodes, sha256 } from '@espalier/store';
import { type FoundPackage, readManifest } from './package-resolution.ts';

/** What has been read of packages, by folder: the packages of a study are built on the same few. */
export type KnownPackages = Map<string, { readonly code: PackageCode; readonly builtOn: readonly FoundPackage[] }>;

/** The code of a package, and of the packages of the same workspace that it is built on. */
export function packageCodes(found: FoundPackage, known: KnownPackages = new Map()): PackageCodes {
  const codes: Record<string, PackageCode> = {};
  const visit = (next: FoundPackage): void => {
    if (Object.hasOwn(codes, next.name)) return;
    const place = next.local === 'file' ? next.entry : next.folder;
    const read = known.get(place) ?? readCode(next, place);
    known.set(place, read);
    codes[next.name] = read.code;
    for (const dependency of read.builtOn) visit(dependency);
  };
  visit(found);
  return codes;
}

function readCode({ version, folder, local }: FoundPackage, place: string) {
  const code: PackageCode = { version, code: digestOf(place, local), draft: local !== null };
  const standsAlone = code.code === null || local === 'file'; // what a registry installed, or one file
  const builtOn = standsAlone ? [] : dependenciesOf(folder).map((name) => workspacePackage(name, folder));
  return { code, builtOn: builtOn.filter((each) => each !== undefined) };
}

function digestOf(place: string, local: FoundPackage['local']): string | null {
  if (local === 'file') return sha256(codeIn(place));
  if (local === null && isInstalled(place)) return null;
  const digests = codeFiles(place).map((file) => `${relative(place, file)} ${sha256(codeIn(file))}`);
  return sha256(digests.join('\n'));
}

// npm links a package of the same workspace to its folder; what it installs lies under node_modules.
function isInstalled(folder: string): boolean {
  return folder.split(sep).includes('node_modules');
}

/** The code and JSON files that a package publishes, sorted; its dependencies are left out. */
function codeFiles(folder: string): readonly string[] {
  const { files } = readManifest(folder);
  const published = Array.isArray(files) ? files.filter((name) => typeof name === 'string') : ['.'];
  return published
    .map((name) => join(folder, name))
    .filter((path) => existsSync(path) && !relative(folder, path).startsWith('..'))
    .flatMap((path) => (statSync(path).isDirectory() ? filesUnder(path) : [path]))
    .filter((file) => /\.(c|m)?js(on)?$|\.wasm$|\.node$/.test(file) && file !== join(folder, 'package.json'))
    .filter((file) => !isOfStudy(file))
    .sort();
}

// A package in a study's own folder has the study beside it, its recipes, and the lock that every run writes: none is its code.
function isOfStudy(file: string): boolean {
  if (file.endsWith('.lock.json')) return true;
  return file.endsWith('.json') && /"apiVersion"\s*:\s*"(study|recipe)\/v1"/.test(codeIn(file).toString('utf8'));
}

function codeIn(file: string): Buffer {
  return readRegularFileSync(file, { what: 'the code of a package' });
}

function filesUnder(folder: string): readonly string[] {
  return entriesIn(folder).flatMap((entry) => {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesUnder(path);
    return entry.isFile() ? [path] : [];
  });
}

function entriesIn(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (cause) {
    throw fileError(cause, folder, { what: 'a folder of the code of a package' });
  }
}

function dependenciesOf(folder: string): readonly string[] {
  const { dependencies, peerDependencies } = readManifest(folder);
  return [
    ...new Set(
      [dependencies, peerDependencies].flatMap((list) => (typeof list === 'object' && list ? Object.keys(list) : [])),
    ),
  ].sort();
}

function workspacePackage(name: string, from: string): FoundPackage | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = join(folder, 'node_modules', name);
    if (existsSync(path)) {
      const real = realpathSync(path);
      if (isInstalled(real)) return undefined;
      const { version } = readManifest(real);
      return { name, version, folder: real, entry: real, local: null };
    }
    if (folder === dirname(folder)) return undefined;
  }
}
