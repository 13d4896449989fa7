import { StudyError } from '../errors.ts';
import { written } from './promise.ts';

/** The contract between hosts and the packages that they load, as this core has it. It rises when such a package must change. */
export const apiVersion = 'plugin/v1';

/**
 * Holds a package to the contract of this core.
 *
 * @param exports what importing the package gave
 * @param needed the export that makes it one of its kind: a package without it is no such package, which is not for here to say
 * @throws StudyError `core/contract-mismatch` where it was written for another contract, or does not say for which
 */
export function checkContract(
  exports: unknown,
  packageName: string,
  needed: 'plugins' | 'createExecutor' | 'serveTasks' | 'openBucket',
): void {
  const { apiVersion: found, [needed]: own } = Object(exports) as Readonly<Record<string, unknown>>; // a module is an object
  if (found === apiVersion || (found === undefined && own === undefined)) return;
  throw new StudyError(
    'core/contract-mismatch',
    found === undefined
      ? `The package "${packageName}" does not say which contract it was written for. Write it beside "${needed}": export const apiVersion = '${apiVersion}';`
      : `The package "${packageName}" was written for the contract ${written(found)}; this Espalier has "${apiVersion}". Install the version of the package ` +
          'that is for this Espalier, or an Espalier that is for this package.',
  );
}
