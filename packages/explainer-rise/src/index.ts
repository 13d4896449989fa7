import { rise } from './rise.ts';

export { type Cells, drawnCells, maskOf } from './masks.ts';
export { type Masking, weightedMasks } from './weighted-masks.ts';
export { rise };

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins = [rise] as const;
