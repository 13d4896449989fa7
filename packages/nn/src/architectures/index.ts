export { adaptiveAveragePool } from '../building/adaptive-average-pool.ts';
export { type ConvolutionSettings, GraphBuilder, type SquareWindow, type Value } from '../building/graph-builder.ts';
export { type Attention, selfAttention } from '../building/self-attention.ts';
export type { InitialRule } from '../graph/initial-rule.ts';
export {
  type Architecture,
  atLeast,
  type FittingImages,
  type MadeFor,
  type OtherNames,
} from './architecture.ts';
export { architecturePlugin } from './architecture-plugin.ts';
export { headOf, headParameters, withClasses } from './head.ts';
export { layerInitial, smallDenseInitial, usualInitial } from './initial-rules.ts';
export { initialWeights } from './initial-weights.ts';
export { memoryOf } from './memory.ts';
export { outlineOf } from './outline.ts';
export { type StartOptions, startOptions } from './start-options.ts';
