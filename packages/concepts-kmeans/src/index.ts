import { kMeans } from './k-means.ts';

export { kMeans } from './k-means.ts';
export { type Clusters, type LloydOptions, lloyd } from './lloyd.ts';

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins = [kMeans] as const;
