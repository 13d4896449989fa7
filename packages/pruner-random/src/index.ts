import { random } from './random.ts';

export { random } from './random.ts';
export { selectAtRandom } from './select-at-random.ts';

export const plugins = [random] as const;
