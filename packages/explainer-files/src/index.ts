import type { Plugins } from '@espalier/core';
import { fromFiles } from './from-files.ts';

export { type Layout, laidOut } from './laid-out.ts';
export { fromFiles };

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins: Plugins = [fromFiles];
