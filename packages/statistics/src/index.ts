export {
  type Comparison,
  type ComparisonMethod,
  comparePaired,
  fewestDiffering,
  fewestSamples,
  methodSources,
} from './compare-paired.ts';
export { effectSizes } from './effect-sizes.ts';
export { holm } from './holm.ts';
export { crossSeeds, type Measured, type PairedDesign } from './paired-design.ts';
export { twoSidedQuantile } from './student-t.ts';
