export {
  type BankTask,
  conceptBank,
  type Dictionary,
  hasNegative,
  type Learning,
  type Measures,
  relativeError,
  sobolImportance,
} from './concept-bank.ts';
export { cropPasses, cropsPerImage, gridOfCrops, sideOf } from './crops.ts';
export { type PlaceMethod, type PlaceOptions, placeExtractor } from './extractor.ts';
export {
  conceptImportance,
  type Design,
  type Head,
  type ImageCodes,
  type Importance,
  logitsOfMasks,
  maskPairs,
} from './importance/importance.ts';
export { maxConcepts, powerOfTwo } from './importance/sobol-limits.ts';
export { scrambledSobol, sobolDimensions, sobolPoints } from './importance/sobol-points.ts';
export { type PickFreeze, totalSobol } from './importance/total-sobol.ts';
export { gram, type Matrix, multiplyByTransposed, takeMatrixRows, transposed, transposeInto, zeros } from './matrix.ts';
export { bankOptions, learningFindings, placeOptions, sobolOptions } from './options.ts';
export { part, placesOfPart } from './part.ts';
export { placeMethod } from './place-method.ts';
export { ofStep, type Told } from './told.ts';
