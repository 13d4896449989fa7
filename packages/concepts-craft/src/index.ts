import { craft } from './craft.ts';
import { randomDictionary } from './random-dictionary.ts';

export { craft } from './craft.ts';
export { craftTorchImportance, haltonPoints, plainJansen } from './craft-torch-importance.ts';
export { type Factorisation, type FactorOptions, factorise } from './factorisation/factorise.ts';
export { nonNegativeCodes } from './factorisation/non-negative-codes.ts';
export { extremeRows, randomMeans } from './factorisation/start-directions.ts';
export { randomDictionary, randomDirections } from './random-dictionary.ts';

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins = [craft, randomDictionary] as const;
