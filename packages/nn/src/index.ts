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
export { readStateDict, type StateDict, type StateDictPlace } from './state-dict/read-state-dict.ts';
