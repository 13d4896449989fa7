import { prune } from './prune.ts';

export { percentile } from './percentile.ts';
export { prune } from './prune.ts';
export { roundMasks } from './round-masks.ts';

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What arXiv 2509.21387 did otherwise than the packages of the methods do it. */
export const plugins = [prune] as const;
