import { resnetPlugin } from './resnet.ts';

export { initialWeights } from './initial-weights.ts';
export { type Architecture, resnet } from './network.ts';

/**
 * ResNet-18, with or without weights.
 * @example "network": { "use": "resnet/resnet18", "in": { "data": { "$from": "data.train" } } }
 */
export const resnet18 = resnetPlugin('resnet18');
/**
 * ResNet-34, with or without weights.
 * @example "network": { "use": "resnet/resnet34", "in": { "data": { "$from": "data.train" } } }
 */
export const resnet34 = resnetPlugin('resnet34');

/** What this package offers to a study. */
export const plugins = [resnet18, resnet34] as const;
