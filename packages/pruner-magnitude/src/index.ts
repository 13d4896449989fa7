import { magnitude } from './magnitude.ts';

export { magnitude } from './magnitude.ts';
export { paperMasks } from './paper-masks.ts';
export { percentile } from './percentile.ts';
export { selectSmallest } from './select-smallest.ts';
export { torchSmallest } from './torch-select.ts';

export const plugins = [magnitude] as const;
