import { smoothgrad, squaregrad, vargrad } from './plugins.ts';

export { type Asked, explainCopies, type Noise } from './noisy-copies.ts';
export { smoothed } from './smoothed.ts';
export { smoothgrad, squaregrad, vargrad };

/** What this package offers to a study. */
export const plugins = [smoothgrad, squaregrad, vargrad] as const;
