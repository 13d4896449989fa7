import { nm } from './nm.ts';
import { wanda } from './wanda.ts';

export { nm } from './nm.ts';
export { wanda } from './wanda.ts';

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins = [wanda, nm] as const;
