import { vitPlugin } from './vit.ts';

export { vitInitial } from './initial.ts';
export { type VitName, type VitSize, vit } from './network.ts';

/**
 * ViT-B/16: 12 blocks of 768 features, patches of 16 x 16 pixels.
 * @example "network": { "use": "vit/vit-b-16", "in": { "data": { "$from": "data.train" } }, "with": { "weights": "vit_b_16.safetensors", "head": "new" } }
 */
export const vitB16 = vitPlugin('vit-b-16');
/**
 * ViT-S/16, as DeiT and timm have it: 12 blocks of 384 features, patches of 16 x 16 pixels.
 * @example "network": { "use": "vit/vit-s-16", "in": { "data": { "$from": "data.train" } } }
 */
export const vitS16 = vitPlugin('vit-s-16');
/**
 * Two blocks of 48 features, patches of 8 x 8 pixels: for tests and tries on small images.
 * @example "network": { "use": "vit/vit-mini-8", "in": { "data": { "$from": "data.train" } } }
 */
export const vitMini8 = vitPlugin('vit-mini-8');

/** The contract that this package was written for. */
export const apiVersion = 'plugin/v1';

/** What this package offers to a study. */
export const plugins = [vitB16, vitS16, vitMini8] as const;
