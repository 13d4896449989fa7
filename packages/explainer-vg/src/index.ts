import { inputTimesGradient } from './input-times-gradient.ts';
import { saliency } from './saliency.ts';

export { inputTimesGradient, saliency };

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins = [saliency, inputTimesGradient] as const;
