import { occlusion } from './occlusion.ts';

export { meanOver, occluded, type Square, type Squares, squaresOver } from './squares.ts';
export { occlusion };

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins = [occlusion] as const;
