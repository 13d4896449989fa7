import { random } from './random.ts';

export { random } from './random.ts';
export { selectAtRandom } from './select-at-random.ts';

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins = [random] as const;
