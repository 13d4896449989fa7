export { layerInfosOf } from './graph/layer-infos.ts';
export { imagesName, type Network, type Node, type Shape } from './graph/network.ts';
export { parametersOf } from './graph/parameters.ts';
export { type ImageSize, shapesOf } from './graph/shapes-of.ts';
export { checkWeights } from './inputs/checks.ts';
export type { Layer } from './layers/layer.ts';
export { type ModelParts, networkModel, numericsWith } from './model/network-model.ts';
export { readStateDict } from './state-dict/read-state-dict.ts';
export type { StateDict, StateDictPlace } from './state-dict/state-dict.ts';
