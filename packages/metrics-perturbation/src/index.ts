import type { Plugins } from '@espalier/core';
import { insertionDeletion } from './insertion-deletion.ts';
import { irof } from './irof.ts';

export type { Explained } from './each-image.ts';
export type { Fill } from './filled.ts';
export { type ImageCurves, insertionDeletionOf, type Steps } from './insertion-deletion-of.ts';
export { irofOf } from './irof-of.ts';
export type { Removing } from './probabilities-while.ts';
export { type Superpixels, slic } from './slic/slic.ts';
export { insertionDeletion, irof };

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins: Plugins = [insertionDeletion, irof];
