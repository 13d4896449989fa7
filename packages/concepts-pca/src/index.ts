import { pca } from './pca.ts';

export { pca } from './pca.ts';
export { type PrincipalComponents, principalComponents } from './principal-components.ts';

/** What this package offers to a study. */
export const plugins = [pca] as const;
