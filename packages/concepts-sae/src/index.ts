import { batchTopKSae, topKSae } from './plugins.ts';

export { above, batchThreshold, topK } from './activations.ts';
export { type Autoencoder, beforeActivation, decoded, dense, type SparseCodes } from './autoencoder.ts';
export { type Auxiliary, lossAndSlopes, type Slopes } from './loss.ts';
export { batchTopKSae, topKSae } from './plugins.ts';
export { type Trained, type TrainingOptions, trainAutoencoder } from './training.ts';

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins = [topKSae, batchTopKSae] as const;
