import { realpathSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { StudyError } from '@espalier/core';
import { fileError, isMissing, shownPath } from '@espalier/files';
import { type RecipeFile, type RecipeLoader, suggestion } from '@espalier/study';
import {
  exportedFile,
  exportedNames,
  isPackageName,
  isPath,
  packageFolder,
  readManifest,
  runnerFolder,
} from '../plugins/package-resolution.ts';
import { readText } from './text-file.ts';

/** Where recipes are named from. */
interface Place {
  /** Paths start here. */
  readonly folder: string;
  /** The folder that they may not lead out of: the study's, or that of the package. */
  readonly within: string;
  /** The package that it is; undefined for the study's folder. */
  readonly package: { readonly name: string; readonly version: string } | undefined;
  /** The study's folder. */
  readonly study: string;
}

/** Reads recipes from packages, as Node finds them, and from the study's folder. */
export const recipeLoader: RecipeLoader = {
  load(specifier, folder) {
    return load(specifier, { folder, within: folder, package: undefined, study: folder });
  },
};

// A recipe is read by people: more is something else.
const mostBytes = 4_000_000;

async function load(specifier: string, place: Place): Promise<RecipeFile> {
  const { path, from } = isPath(specifier) ? beside(specifier, place) : installed(specifier, place);
  const real = realPath(path, specifier);
  const fileName = shownFromHere(real);
  const root = realPath(from.within, specifier);
  const inside = relative(root, real);
  if (inside.startsWith('..') || isAbsolute(inside)) throw leadsOut(specifier, from);
  const source = await readText(real, { what: 'a recipe', fileName, code: 'study/invalid', most: mostBytes });
  const here: Place = { ...from, folder: dirname(real), within: root };
  return {
    id: real,
    name: from.package ? nameIn(from.package.name, specifier, inside) : `./${posix(inside)}`,
    fileName,
    source,
    version: from.package?.version ?? null,
    plugin: (written) => pluginOf(written, here),
    load: (inner) => load(inner, here),
  };
}

interface Found {
  readonly path: string;
  readonly from: Place;
}

function beside(specifier: string, place: Place): Found {
  if (isAbsolute(specifier)) throw leadsOut(specifier, place);
  return { path: resolve(place.folder, specifier), from: place };
}

function installed(specifier: string, place: Place): Found {
  const parts = specifier.split('/');
  const name = parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
  const rest = parts.slice(specifier.startsWith('@') ? 2 : 1).join('/');
  if (!isPackageName(name)) throw notFound(`"${specifier}" names no recipe. ${forms}`);
  const folder = packageFolder(name, [place.folder, place.study, process.cwd(), runnerFolder]);
  if (folder === undefined) throw notFound(`There is no package "${name}". Install it:  npm install ${name}`);
  const manifest = readManifest(folder);
  const target = exportedFile(manifest, `./${rest}`);
  if (target === undefined) {
    const known = exportedNames(manifest).map((exported) => `${name}${exported.slice(1)}`);
    throw notFound(`The package "${name}" has no recipe "${rest}".${suggestion(specifier, known)}`);
  }
  const version = typeof manifest.version === 'string' ? manifest.version : '0.0.0';
  return { path: resolve(folder, target), from: { ...place, folder, within: folder, package: { name, version } } };
}

const forms = 'Write a package and its recipe, "@espalier/recipes/prune-and-explain", or a path that starts with "./".';

const starts = 'A path starts at the folder of the file that names it.';

function realPath(path: string, specifier: string): string {
  try {
    return realpathSync(path);
  } catch (cause) {
    if (isMissing(cause))
      throw notFound(`There is no file ${shownPath(path)}, which "${specifier}" leads to. ${starts}`, cause);
    throw fileError(cause, path, { what: 'a recipe' });
  }
}

function leadsOut(specifier: string, { package: found, within }: Place): StudyError {
  const where = found ? `the package "${found.name}"` : `the study's folder, ${shownPath(within)}`;
  return new StudyError(
    'study/invalid',
    `"${specifier}" leads out of ${where}. Name a recipe inside of it, or one of a package.`,
  );
}

/** The same wherever a package is installed: what it exports it as, or where it is inside. */
function nameIn(name: string, specifier: string, inside: string): string {
  return isPath(specifier) ? `${name}/${posix(inside)}` : specifier;
}

/** What the study's folder calls a plugin package that a recipe lists. */
function pluginOf(written: string, { folder, study, package: found }: Place): string {
  if (!isPath(written) || isAbsolute(written)) return written;
  if (found)
    throw new StudyError(
      'study/invalid',
      `A recipe of a package lists packages by their names; found the path "${written}".`,
    );
  const path = posix(relative(realpathSync(study), resolve(folder, written)));
  if (path === '') return '.';
  return path.startsWith('..') ? path : `./${path}`;
}

function shownFromHere(path: string): string {
  const here = relative(process.cwd(), path);
  return here.startsWith('..') || isAbsolute(here) ? path : here;
}

function posix(path: string): string {
  return path.split(sep).join('/');
}

function notFound(text: string, cause?: unknown): StudyError {
  return new StudyError('runner/recipe-not-found', text, { cause });
}
