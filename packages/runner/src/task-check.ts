import { StudyError } from '@espalier/core';
import { keyOf } from './keys.ts';
import { type PackageCode, type PackageCodes, packageCodes } from './package-code.ts';
import { findPackage, runnerFolder } from './package-resolution.ts';
import type { Task } from './task.ts';

/** Whether a task that came as JSON is one: its key is made of its parts. */
export function isTask(value: unknown): value is Task {
  try {
    const { key, components } = value as Task; // believed after its key is what it is made of
    return key === keyOf(components);
  } catch {
    return false;
  }
}

/**
 * Checks tasks of runs on other machines. The code of packages is looked at once: processes that are already started have it.
 *
 * @param machine the name of this one
 */
export function taskCheck(machine: string): (task: Task) => void {
  const known = new Map<string, PackageCodes>();
  const codesOf = (specifier: string, folder: string): PackageCodes => {
    const place = `${specifier} ${folder}`;
    const codes = known.get(place) ?? codesHere(specifier, folder);
    known.set(place, codes);
    return codes;
  };
  return (task) => {
    const specifiers = Object.values(task.packages);
    const here: PackageCodes = Object.assign({}, ...specifiers.map((specifier) => codesOf(specifier, task.folder)));
    for (const [name, expected] of Object.entries(task.components.packages)) {
      const found = Object.hasOwn(here, name) ? here[name] : undefined;
      if (found?.version !== expected.version || found.code !== expected.code)
        throw otherCode(name, expected, found, machine);
    }
  };
}

function codesHere(specifier: string, folder: string): PackageCodes {
  const found = findPackage(specifier, [folder, process.cwd(), runnerFolder]);
  return found ? packageCodes(found) : {};
}

function otherCode(name: string, expected: PackageCode, found: PackageCode | undefined, machine: string): StudyError {
  const has = found ? `has ${codeText(found)}` : 'has none';
  return new StudyError(
    'plugin-invalid',
    `The run uses ${name} ${codeText(expected)}; the worker on ${machine} ${has}. ` +
      'Install the same on both, and start the worker again in that copy.',
  );
}

function codeText({ version, code }: PackageCode): string {
  return code === null ? version : `${version} (code ${code.slice(0, 12)})`;
}
