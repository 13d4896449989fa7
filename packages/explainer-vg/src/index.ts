import { saliency } from './saliency.ts';

export { perNormalisedUnit } from './per-normalised-unit.ts';
export { saliency } from './saliency.ts';

/** What this package offers to a study. */
export const plugins = [saliency] as const;
