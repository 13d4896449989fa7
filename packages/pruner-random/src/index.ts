import { random } from './random.ts';

export { random } from './random.ts';
export { selectAtRandom } from './select-at-random.ts';

/** What this package offers to a study. */
export const plugins = [random] as const;
