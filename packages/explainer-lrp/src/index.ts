import { relevance } from './relevance.ts';

export { relevance };

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins = [relevance] as const;
