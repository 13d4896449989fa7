import { craft } from './craft.ts';
import { randomDictionary } from './random-dictionary.ts';

export { craft } from './craft.ts';
export { gridOfCrops } from './crops.ts';
export { type Factorisation, type FactorOptions, factorise, relativeError } from './factorise.ts';
export { craftTorchImportance, haltonPoints, plainJansen } from './halton.ts';
export {
  conceptImportance,
  type Design,
  type Head,
  type ImageCodes,
  type Importance,
  maskPairs,
} from './importance.ts';
export { type Matrix, multiplyByTransposed, transposed, zeros } from './matrix.ts';
export { nonNegativeCodes } from './non-negative-codes.ts';
export { randomDictionary, randomDirections } from './random-dictionary.ts';
export { scrambledSobol, sobolDimensions, sobolPoints } from './sobol-points.ts';
export { extremeRows, randomMeans } from './start-directions.ts';
export { type PickFreeze, totalSobol } from './total-sobol.ts';

/** What this package offers to a study. */
export const plugins = [craft, randomDictionary] as const;
