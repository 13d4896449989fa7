/** What `espalier doctor` and `espalier native install` call. */
export { engine } from '@espalier/native-tensorflow';
export { type ChosenEngine, chooseEngine, openEngine } from './choose-engine.ts';
export type {
  Activation,
  AdamRule,
  BatchNormResult,
  ConvolutionEpilogue,
  DType,
  NormGradients,
  Ops,
  PoolWindow,
  ProductEpilogue,
  SavedStatistics,
  SgdRule,
  Tensor,
  Transposition,
  Variable,
  Window,
} from './ops.ts';
