export { bestAssignment } from './best-assignment.ts';
export { argmax, crossEntropy, logSumExp, probability } from './classification.ts';
export { drawnFrom } from './initial-values.ts';
export { mean, quantile, standardError } from './means.ts';
export {
  type Comparison,
  type ComparisonMethod,
  comparePaired,
  fewestDiffering,
  fewestSamples,
  methodSources,
} from './paired/compare-paired.ts';
export { effectSizes } from './paired/effect-sizes.ts';
export { holm } from './paired/holm.ts';
export { crossSeeds, type Measured, type PairedDesign } from './paired/paired-design.ts';
export { twoSidedQuantile } from './paired/student-t.ts';
