import type { Plugins } from '@espalier/core';
import { accuracy } from './accuracy.ts';
import { crossEntropy } from './cross-entropy.ts';
import { localisation } from './localisation/localisation.ts';
import { predictions } from './predictions.ts';
import { road } from './road.ts';
import { mprt } from './sanity/mprt.ts';
import { randomLogit } from './sanity/random-logit.ts';
import { sparseness } from './sparseness.ts';
import { sparsity } from './sparsity.ts';

export { type AreaRule, areaOverCurve } from './area-over-curve.ts';
export { gini } from './gini.ts';
export { type Imputation, type Imputer, linearImputer } from './linear-imputation.ts';
export { measureRegion, type RegionMeasures } from './localisation/region-measures.ts';
export { normalQuantile } from './normal-quantile.ts';
export { addPixelNoise } from './pixel-noise.ts';
export { type RemovalOrder, removalCount, removalOrder } from './removal-order.ts';
export type { RoadOptions } from './road-options.ts';
export { type RoadPreset, type RoadPresetName, roadPresets } from './road-presets.ts';
export { type LayerGroup, layerGroups } from './sanity/layer-groups.ts';
export { initialDistribution, permutation, type Randomise, torchReset } from './sanity/random-parameters.ts';
export { rankCorrelation } from './sanity/rank-correlation.ts';
export { structuralSimilarity } from './sanity/structural-similarity.ts';
export { accuracy, crossEntropy, localisation, mprt, predictions, randomLogit, road, sparseness, sparsity };

/** Accuracy, cross-entropy, the sparsity proof, sparseness, ROAD, localisation, randomised parameters and logits. */
export const plugins: Plugins = [
  accuracy,
  crossEntropy,
  predictions,
  sparsity,
  sparseness,
  road,
  localisation,
  mprt,
  randomLogit,
];
