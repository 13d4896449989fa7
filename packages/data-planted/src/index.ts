export { classConcepts, classNames, concepts } from './concepts.ts';
export { drawMask, drawPixels } from './draw.ts';
export { planted, plugins } from './planted.ts';
export { plantedSplit } from './planted-split.ts';
export { drawScene, type Part, type Scene } from './scene.ts';

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';
