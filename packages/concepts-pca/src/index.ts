import { pca } from './pca.ts';

export { pca } from './pca.ts';
export { type PrincipalComponents, principalComponents } from './principal-components.ts';

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins = [pca] as const;
