import { magnitude } from './magnitude.ts';

export { magnitude } from './magnitude.ts';

/** What this package offers to a study. */
export const plugins = [magnitude] as const;
