import { inputTimesGradient } from './input-times-gradient.ts';
import { saliency } from './saliency.ts';

export { inputTimesGradient, saliency };

/** What this package offers to a study. */
export const plugins = [saliency, inputTimesGradient] as const;
