import { vggPlugin } from './vgg.ts';

export { type VggName, vgg } from './network.ts';

/**
 * VGG-11 without BatchNorm, with or without weights.
 * @example "network": { "use": "vgg/vgg11", "in": { "data": { "$from": "data.train" } } }
 */
export const vgg11 = vggPlugin('vgg11');
/**
 * VGG-11 with BatchNorm.
 * @example "network": { "use": "vgg/vgg11-bn", "in": { "data": { "$from": "data.train" } } }
 */
export const vgg11Bn = vggPlugin('vgg11-bn');
/**
 * VGG-16 without BatchNorm.
 * @example "network": { "use": "vgg/vgg16", "in": { "data": { "$from": "data.train" } } }
 */
export const vgg16 = vggPlugin('vgg16');
/**
 * VGG-16 with BatchNorm.
 * @example "network": { "use": "vgg/vgg16-bn", "in": { "data": { "$from": "data.train" } } }
 */
export const vgg16Bn = vggPlugin('vgg16-bn');
/**
 * VGG-19 without BatchNorm.
 * @example "network": { "use": "vgg/vgg19", "in": { "data": { "$from": "data.train" } } }
 */
export const vgg19 = vggPlugin('vgg19');
/**
 * VGG-19 with BatchNorm.
 * @example "network": { "use": "vgg/vgg19-bn", "in": { "data": { "$from": "data.train" } } }
 */
export const vgg19Bn = vggPlugin('vgg19-bn');

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins = [vgg11, vgg11Bn, vgg16, vgg16Bn, vgg19, vgg19Bn] as const;
