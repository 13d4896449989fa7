export { bestAssignment } from './best-assignment.ts';
export { argmax, crossEntropy, logSumExp, probability } from './classification.ts';
export { evenShares } from './even-shares.ts';
export { drawnFrom } from './initial-values.ts';
export { mean, quantile, standardError } from './means.ts';
export { type Comparison, comparePaired, comparisonOf } from './paired/compare-paired.ts';
export { type DetectableEffect, detectableEffect } from './paired/detectable-effect.ts';
export { effectSizes } from './paired/effect-sizes.ts';
export {
  type ComparisonMethod,
  type Estimate,
  estimatesOf,
  fewestDiffering,
  methodSources,
} from './paired/estimate.ts';
export { type Judged, type JudgedMeasure, judgeFamily, type MeasureEstimates } from './paired/judge-family.ts';
export { contrast, crossSeeds, type Measured, type PairedDesign } from './paired/paired-design.ts';
export type { Interval } from './paired/reach.ts';
export { twoSidedQuantile, twoSidedTail } from './paired/student-t.ts';
export { fewestUnits } from './paired/units.ts';
export { selectSmallest } from './select-smallest.ts';
export { sortedOrder } from './sorted-order.ts';
