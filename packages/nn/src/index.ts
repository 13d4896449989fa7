export { checkWeights } from './checks.ts';
export type {
  BatchNormOptions,
  ClassifierLayer,
  ConvolutionLayer,
  FeatureLayer,
  MaxPoolLayer,
  Network,
  ResidualLayer,
  Stage,
} from './network.ts';
export { layersOf, parametersOf } from './network.ts';
export { type ModelParts, networkModel, numericsWith } from './network-model.ts';
export { readStateDict } from './state-dict/read-state-dict.ts';
export type { StateDict, StateDictPlace } from './state-dict/state-dict.ts';
