import { relevance } from './relevance.ts';

export { relevance };

/** What this package offers to a study. */
export const plugins = [relevance] as const;
