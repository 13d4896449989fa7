export { checkWeights } from './checks.ts';
export { type ChosenEngine, chooseEngine, openEngine } from './engine.ts';
export { engine } from './native/engine.ts';
export { installNative, type NativeInstallResult } from './native/install.ts';
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
export type { Ops } from './ops.ts';
export { readStateDict, type StateDict, type StateDictPlace } from './state-dict/read-state-dict.ts';
