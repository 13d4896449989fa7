import { concat } from '../layers/axes/concat.ts';
import { gather } from '../layers/axes/gather.ts';
import { mean } from '../layers/axes/mean.ts';
import { reshape } from '../layers/axes/reshape.ts';
import { slice } from '../layers/axes/slice.ts';
import { transpose } from '../layers/axes/transpose.ts';
import { constant } from '../layers/constants/constant.ts';
import { parameter } from '../layers/constants/parameter.ts';
import type { LayerKind } from '../layers/kind.ts';
import type { Layer } from '../layers/layer.ts';
import { affine } from '../layers/norms/affine.ts';
import { batchNorm } from '../layers/norms/batch-norm.ts';
import { layerNorm } from '../layers/norms/layer-norm.ts';
import { softmax } from '../layers/norms/softmax.ts';
import { dense } from '../layers/products/dense.ts';
import { matmul } from '../layers/products/matmul.ts';
import { activation } from '../layers/values/activation.ts';
import { add } from '../layers/values/add.ts';
import { multiply } from '../layers/values/multiply.ts';
import { relu } from '../layers/values/relu.ts';
import { scale } from '../layers/values/scale.ts';
import { averagePool } from '../layers/windows/average-pool.ts';
import { convolution } from '../layers/windows/convolution.ts';
import { maxPool } from '../layers/windows/max-pool.ts';

/** Every kind of layer, by its name. */
const kinds: { readonly [Kind in Layer['kind']]: LayerKind<Extract<Layer, { readonly kind: Kind }>> } = {
  activation,
  add,
  affine,
  'average-pool': averagePool,
  'batch-norm': batchNorm,
  concat,
  constant,
  convolution,
  dense,
  gather,
  'layer-norm': layerNorm,
  matmul,
  'max-pool': maxPool,
  mean,
  multiply,
  parameter,
  relu,
  reshape,
  scale,
  slice,
  softmax,
  transpose,
};

/** What computes a layer. */
export function kindOf({ kind }: Layer): LayerKind<Layer> {
  return kinds[kind] as LayerKind<Layer>; // the table gives each kind its own layers
}
