import { type Engine, StudyError } from '@espalier/core';
import { importPackage } from './plugin-packages.ts';

/** The package that computes, unless somebody names another. */
export const standardEnginePackage = '@espalier/engine';

/**
 * What a package says and does about its engine.
 *
 * @throws StudyError `runner/plugin-not-found`, or `core/plugin-invalid` when the package has no engine
 */
export async function loadEngine(packageName: string, folder: string): Promise<Engine> {
  const { exports } = await importPackage(packageName, folder);
  const engine = typeof exports === 'object' && exports !== null && 'engine' in exports ? exports.engine : undefined;
  if (isEngine(engine)) return engine;
  throw new StudyError(
    'core/plugin-invalid',
    `The package "${packageName}" computes nothing: it exports no "engine" with "inspect" and "install". ` +
      `The standard one is ${standardEnginePackage}; choose with --package.`,
  );
}

function isEngine(value: unknown): value is Engine {
  return (
    typeof value === 'object' &&
    value !== null &&
    'inspect' in value &&
    typeof value.inspect === 'function' &&
    'install' in value &&
    typeof value.install === 'function'
  );
}
