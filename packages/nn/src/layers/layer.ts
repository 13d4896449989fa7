import type { ConcatLayer } from './axes/concat.ts';
import type { GatherLayer } from './axes/gather.ts';
import type { MeanLayer } from './axes/mean.ts';
import type { ReshapeLayer } from './axes/reshape.ts';
import type { SliceLayer } from './axes/slice.ts';
import type { TransposeLayer } from './axes/transpose.ts';
import type { ConstantLayer } from './constants/constant.ts';
import type { ParameterLayer } from './constants/parameter.ts';
import type { AffineLayer } from './norms/affine.ts';
import type { BatchNormLayer } from './norms/batch-norm.ts';
import type { LayerNormLayer } from './norms/layer-norm.ts';
import type { SoftmaxLayer } from './norms/softmax.ts';
import type { DenseLayer } from './products/dense.ts';
import type { MatmulLayer } from './products/matmul.ts';
import type { ActivationLayer } from './values/activation.ts';
import type { AddLayer } from './values/add.ts';
import type { MultiplyLayer } from './values/multiply.ts';
import type { ReluLayer } from './values/relu.ts';
import type { ScaleLayer } from './values/scale.ts';
import type { AveragePoolLayer } from './windows/average-pool.ts';
import type { ConvolutionLayer } from './windows/convolution-layer.ts';
import type { MaxPoolLayer } from './windows/max-pool.ts';

/** What a node computes; each kind is described in the file of its name. */
export type Layer =
  | ActivationLayer
  | AddLayer
  | AffineLayer
  | AveragePoolLayer
  | BatchNormLayer
  | ConcatLayer
  | ConstantLayer
  | ConvolutionLayer
  | DenseLayer
  | GatherLayer
  | LayerNormLayer
  | MatmulLayer
  | MaxPoolLayer
  | MeanLayer
  | MultiplyLayer
  | ParameterLayer
  | ReluLayer
  | ReshapeLayer
  | ScaleLayer
  | SliceLayer
  | SoftmaxLayer
  | TransposeLayer;
