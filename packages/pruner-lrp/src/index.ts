import { prune } from './prune.ts';

export { prune };

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins = [prune] as const;
