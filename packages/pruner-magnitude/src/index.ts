import { magnitude } from './magnitude.ts';

export { magnitude } from './magnitude.ts';

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins = [magnitude] as const;
