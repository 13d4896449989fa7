import { kMeans } from './k-means.ts';

export { kMeans } from './k-means.ts';
export { type Clusters, type LloydOptions, lloyd } from './lloyd.ts';

/** What this package offers to a study. */
export const plugins = [kMeans] as const;
