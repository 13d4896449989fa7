import { saliency } from './saliency.ts';

export { perNormalisedUnit } from './per-normalised-unit.ts';
export { saliency } from './saliency.ts';

export const plugins = [saliency] as const;
