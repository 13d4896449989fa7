import { craft } from './craft.ts';
import { randomDictionary } from './random-dictionary.ts';

export { craft } from './craft.ts';
export { gridOfCrops } from './crops.ts';
export { type Factorisation, type FactorOptions, factorise, relativeError } from './factorisation/factorise.ts';
export { nonNegativeCodes } from './factorisation/non-negative-codes.ts';
export { extremeRows, randomMeans } from './factorisation/start-directions.ts';
export { craftTorchImportance, haltonPoints, plainJansen } from './importance/halton.ts';
export {
  conceptImportance,
  type Design,
  type Head,
  type ImageCodes,
  type Importance,
  maskPairs,
} from './importance/importance.ts';
export { scrambledSobol, sobolDimensions, sobolPoints } from './importance/sobol-points.ts';
export { type PickFreeze, totalSobol } from './importance/total-sobol.ts';
export { type Matrix, multiplyByTransposed, transposed, zeros } from './matrix.ts';
export { randomDictionary, randomDirections } from './random-dictionary.ts';

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins = [craft, randomDictionary] as const;
