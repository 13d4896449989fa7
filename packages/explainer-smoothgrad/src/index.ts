import { smoothgrad, squaregrad, vargrad } from './plugins.ts';

export { type Asked, explainCopies, type Noise } from './noisy-copies.ts';
export { smoothed } from './smoothed.ts';
export { smoothgrad, squaregrad, vargrad };

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins = [smoothgrad, squaregrad, vargrad] as const;
