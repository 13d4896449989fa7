import { resnetPlugin } from './resnet.ts';

export { initialWeights } from './initial-weights.ts';
export { type Architecture, resnet } from './network.ts';

export const resnet18 = resnetPlugin('resnet18');
export const resnet34 = resnetPlugin('resnet34');

export const plugins = [resnet18, resnet34] as const;
