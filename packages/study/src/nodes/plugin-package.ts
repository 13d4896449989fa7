import type { Plugin } from '@espalier/core';
import type { PackageCodes } from '@espalier/store';

/** A plugin package as a study uses it. */
export interface PluginPackage {
  /** What the study calls it: npm name or path. */
  readonly specifier: string;
  readonly name: string;
  readonly version: string;
  /** Its own code, and that of the packages of the same workspace that it is built on. */
  readonly codes: PackageCodes;
  readonly plugins: ReadonlyMap<string, Plugin>;
}

/** Finds and imports plugin packages. */
export interface PackageLoader {
  /**
   * @param specifier npm name, or a path that starts at `folder`
   * @throws StudyError `runner/plugin-not-found` or `core/plugin-invalid`
   */
  load(specifier: string, folder: string): Promise<PluginPackage>;
}
