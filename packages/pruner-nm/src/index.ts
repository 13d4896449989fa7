import { nm } from './nm.ts';

export { nm } from './nm.ts';

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins = [nm] as const;
