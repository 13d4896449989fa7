import { magnitude } from './magnitude.ts';

export { magnitude } from './magnitude.ts';
export { selectSmallest } from './select-smallest.ts';

export const plugins = [magnitude] as const;
