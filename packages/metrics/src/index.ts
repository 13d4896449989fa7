import type { Plugins } from '@espalier/core';
import { cost } from './cost/cost.ts';
import { speed } from './cost/speed.ts';
import { localisation } from './localisation/localisation.ts';
import { accuracy, crossEntropy, predictions } from './predictions/predictions.ts';
import { road } from './road/road.ts';
import { efficientMprt } from './sanity/efficient-mprt.ts';
import { mprt } from './sanity/mprt.ts';
import { randomLogit } from './sanity/random-logit.ts';
import { smoothMprt } from './sanity/smooth-mprt.ts';
import { sparseness } from './sparseness.ts';
import { sparsity } from './sparsity.ts';

export { costOf, costOfNonzero, type NetworkCost } from './cost/network-cost.ts';
export { gini } from './gini.ts';
export { measureRegion, type RegionMeasures } from './localisation/region-measures.ts';
export { type AreaRule, areaOverCurve } from './road/area-over-curve.ts';
export { type Imputation, type Imputer, linearImputer } from './road/imputation/linear-imputation.ts';
export { normalQuantile } from './road/normal-quantile.ts';
export { addPixelNoise } from './road/pixel-noise.ts';
export { type RemovalOrder, removalCount, removalOrder } from './road/removal-order.ts';
export type { RoadOptions } from './road/road-options.ts';
export { type RoadPresetName, roadPresets } from './road/road-presets.ts';
export { histogramEntropy } from './sanity/histogram-entropy.ts';
export { type LayerGroup, layerGroups } from './sanity/layer-groups.ts';
export {
  initialDistribution,
  type MaskChange,
  permutation,
  type Randomise,
  randomMasks,
  torchReset,
} from './sanity/random-parameters.ts';
export { rankCorrelation } from './sanity/rank-correlation.ts';
export { type Smoothing, smoothExplainer } from './sanity/smooth-explainer.ts';
export { structuralSimilarity } from './sanity/structural-similarity.ts';
export {
  accuracy,
  cost,
  crossEntropy,
  efficientMprt,
  localisation,
  mprt,
  predictions,
  randomLogit,
  road,
  smoothMprt,
  sparseness,
  sparsity,
  speed,
};

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** Accuracy, cross-entropy, the sparsity proof, cost and speed, sparseness, ROAD, localisation, randomised parameters and logits. */
export const plugins: Plugins = [
  accuracy,
  crossEntropy,
  predictions,
  sparsity,
  cost,
  speed,
  sparseness,
  road,
  localisation,
  mprt,
  smoothMprt,
  efficientMprt,
  randomLogit,
];
