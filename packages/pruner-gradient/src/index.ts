import { snip } from './snip.ts';
import { synflow } from './synflow.ts';
import { taylor } from './taylor.ts';

export { snip } from './snip.ts';
export { synflow } from './synflow.ts';
export { taylor } from './taylor.ts';

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins = [snip, taylor, synflow] as const;
