import { sensitivity } from './sensitivity.ts';
import { tcav } from './tcav.ts';

export { type Separation, separate } from './logistic-regression.ts';
export { sensitivity } from './sensitivity.ts';
export { welchTest } from './significance.ts';
export { tcav } from './tcav.ts';

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins = [tcav, sensitivity] as const;
