import { pathToFileURL } from 'node:url';
import { declaredPlugins, type Kind, StudyError } from '@espalier/core';
import type { PackageCodes } from '@espalier/store';
import type { PackageLoader } from '@espalier/study';
import { nodeKinds } from '../kinds/index.ts';
import { type KnownPackages, packageCodes } from './package-code.ts';
import { type FoundPackage, findPackage, isPackageName, isPath, runnerFolder } from './package-resolution.ts';

/**
 * Imports packages from the study's folder, then the current one, then beside the runner.
 *
 * @param given modules that the host program has imported itself, by package name; they are not looked for
 */
export function packageLoader(given: ReadonlyMap<string, unknown> = new Map()): PackageLoader {
  const known: KnownPackages = new Map();
  return {
    async load(specifier, folder) {
      if (given.has(specifier)) {
        const plugins = declaredPlugins(given.get(specifier), specifier, kindOptions);
        const codes = { [specifier]: { version: 'given', code: null, draft: false } };
        return { specifier, name: specifier, version: 'given', codes, plugins };
      }
      const { found, exports } = await importPackage(specifier, folder);
      const { name, version } = found;
      const plugins = declaredPlugins(exports, specifier, kindOptions);
      let codes: PackageCodes | undefined;
      return {
        specifier,
        name,
        version,
        plugins,
        /** Read when first asked for: who only runs tasks never does. */
        get codes() {
          codes ??= packageCodes(found, known);
          return codes;
        },
      };
    },
  };
}

function kindOptions(kind: Kind): readonly string[] {
  return Object.keys(nodeKinds[kind].options.shape);
}

/**
 * The package behind a short name: ours, `@espalier/store-s3`, or where there is none anybody's, `espalier-store-<name>`. A name that says
 * its kind may be whole.
 *
 * @param folder where it is looked for first
 */
export function shortNamed(kind: 'executor' | 'store', name: string, folder: string): string {
  const names = [
    `@espalier/${kind}-${name}`,
    `espalier-${kind}-${name}`,
    ...(name.includes(kind) ? [name] : []),
  ] as const;
  const found = names.find((each) => findPackage(each, [folder, process.cwd(), runnerFolder]));
  return found ?? (name.includes(kind) ? name : names[0]);
}

/**
 * Imports a package by name or path.
 *
 * @throws StudyError `runner/plugin-not-found` when there is none, `core/plugin-invalid` when importing it fails.
 */
export async function importPackage(
  specifier: string,
  folder: string,
): Promise<{ readonly found: FoundPackage; readonly exports: unknown }> {
  const found = findPackage(specifier, [folder, process.cwd(), runnerFolder]);
  if (!found)
    throw new StudyError('runner/plugin-not-found', `There is no package "${specifier}". ${wayOut(specifier, folder)}`);
  try {
    const exports: unknown = await import(pathToFileURL(found.entry).href);
    return { found, exports };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StudyError('core/plugin-invalid', `The package "${specifier}" could not be imported: ${reason}`, {
      cause,
    });
  }
}

function wayOut(specifier: string, folder: string): string {
  if (isPath(specifier)) return `The path starts at the study's folder, ${folder}; write it from there.`;
  if (isPackageName(specifier)) return `Install it:  npm install ${specifier}`;
  return 'Write the name of an npm package without its version, or a path that starts with "./".';
}
