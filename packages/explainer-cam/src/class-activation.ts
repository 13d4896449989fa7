/** A layer of one image: row-major `places features`. */
export interface Places {
  readonly activations: Float32Array;
  /** d logit / d activation. */
  readonly slopes: Float32Array;
  readonly features: number;
}

/** How much each feature counts. */
export type FeatureWeights = (places: Places) => Float64Array;

/** Grad-CAM: the mean slope of each feature over places. */
export const meanSlopes: FeatureWeights = ({ slopes, features }) => {
  const weights = new Float64Array(features);
  const count = slopes.length / features;
  for (let i = 0; i < slopes.length; i++) weights[i % features]! += slopes[i]! / count;
  return weights;
};

/**
 * Grad-CAM++: the sum over places of alpha max(g, 0), where of slopes g and the sum S of a feature's activations over places
 *
 *     alpha = g^2 / (2 g^2 + S g^3 + epsilon)     (equation 19), 0 where that divides by 0
 */
export function weightedSlopes(epsilon: number): FeatureWeights {
  return ({ activations, slopes, features }) => {
    const sums = new Float64Array(features);
    for (let i = 0; i < activations.length; i++) sums[i % features]! += activations[i]!;
    const weights = new Float64Array(features);
    for (let i = 0; i < slopes.length; i++) {
      const slope = slopes[i]!;
      if (slope <= 0) continue;
      weights[i % features]! += slope ** 3 / (2 * slope ** 2 + sums[i % features]! * slope ** 3 + epsilon);
    }
    return weights;
  };
}

/** The sum of the activations of each place, weighted by feature. */
export function weightedActivations({ activations, features }: Places, weights: Float64Array): Float64Array {
  const map = new Float64Array(activations.length / features);
  for (let i = 0; i < activations.length; i++)
    map[Math.floor(i / features)]! += weights[i % features]! * activations[i]!;
  return map;
}
