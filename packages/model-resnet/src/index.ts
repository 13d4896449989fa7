import { resnetPlugin } from './resnet.ts';

export { type ResnetName, resnet } from './network.ts';

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
/**
 * ResNet-50, with or without weights.
 * @example "network": { "use": "resnet/resnet50", "in": { "data": { "$from": "data.train" } }, "with": { "weights": "resnet50.safetensors", "head": "new" } }
 */
export const resnet50 = resnetPlugin('resnet50');
/**
 * ResNet-101, with or without weights.
 * @example "network": { "use": "resnet/resnet101", "in": { "data": { "$from": "data.train" } } }
 */
export const resnet101 = resnetPlugin('resnet101');

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins = [resnet18, resnet34, resnet50, resnet101] as const;
