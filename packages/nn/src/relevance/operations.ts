import type { Operation, OperationKind } from '@espalier/core';
import { mergedNorms } from '../fusing/fold-norms.ts';
import { withGradient } from '../graph/backward.ts';
import { neededFor } from '../graph/needed-nodes.ts';
import { imagesName, type Network } from '../graph/network.ts';
import type { Layer } from '../layers/layer.ts';
import type { ActivationLayer } from '../layers/values/activation.ts';

/** What the logits are computed of the images with, in the order of the nodes; `kept` as for `mergedNorms`. */
export function operationsOf(network: Network, kept: ReadonlySet<string> = new Set()): readonly Operation[] {
  const merged = mergedNorms(network, kept).network;
  const nodes = neededFor(merged, merged.output, imagesName);
  const ofImages = withGradient(nodes, imagesName, false);
  return nodes
    .filter(({ name }) => ofImages.has(name))
    .map(({ name, inputs, layer }) => ({ name, kind: operationOf(layer), readsImages: inputs.includes(imagesName) }));
}

/** What a layer that reads values of images does. */
function operationOf(layer: Layer): OperationKind {
  return layer.kind === 'activation' ? functionOf(layer.function) : operations[layer.kind];
}

const operations = {
  add: 'sum',
  affine: 'batch-norm',
  'average-pool': 'average-pool',
  'batch-norm': 'batch-norm',
  concat: 'move',
  constant: 'move',
  convolution: 'convolution',
  dense: 'dense',
  gather: 'move',
  'layer-norm': 'layer-norm',
  matmul: 'matrix-product',
  'max-pool': 'max-pool',
  mean: 'mean',
  multiply: 'product',
  parameter: 'move',
  relu: 'relu',
  reshape: 'move',
  scale: 'scale',
  slice: 'move',
  softmax: 'softmax',
  transpose: 'move',
} as const satisfies Readonly<Record<Exclude<Layer['kind'], 'activation'>, OperationKind>>;

function functionOf(f: ActivationLayer['function']): OperationKind {
  if (f.kind !== 'clip') return f.kind;
  if (f.least !== 0) return 'clip';
  return f.most === Number.POSITIVE_INFINITY ? 'relu' : 'clipped-relu';
}
