import { type NdArray, ndArray, type Weights } from '@espalier/core';
import type { Network, Node } from '../graph/network.ts';
import type { BatchNormLayer } from '../layers/norms/batch-norm.ts';
import type { ConvolutionLayer } from '../layers/windows/convolution-layer.ts';
import { affineOf, foldBatchNorm, type NormParameters } from './fold-batch-norm.ts';

/** A network, and the weights that its nodes name. */
export interface Weighted {
  readonly network: Network;
  readonly weights: Weights;
}

/** The network as it is evaluated: BatchNorm by the running statistics, as one product and one sum per channel. */
export function evaluated({ network, weights }: Weighted): Weighted {
  const added = new Map(weights);
  const nodes = network.nodes.map((node): Node => {
    if (node.layer.kind !== 'batch-norm') return node;
    const { channels } = node.layer;
    const { factor, offset } = affineOf(normOf(node.layer, weights), node.layer.epsilon);
    const names = affineNames(node);
    added.set(names.factor, ndArray('o', [channels], factor));
    added.set(names.offset, ndArray('o', [channels], offset));
    return { ...node, layer: { kind: 'affine', channels, ...names } };
  });
  return { network: { ...network, nodes }, weights: added };
}

/** What the parameters of a BatchNorm in evaluation are called. */
export function affineNames({ name }: Pick<Node, 'name'>): { readonly factor: string; readonly offset: string } {
  return { factor: `${name}:factor`, offset: `${name}:offset` };
}

/** The values of a BatchNorm's parameters. Weights are checked against the network before they come here. */
export function normOf({ scale, shift, mean, variance }: BatchNormLayer, weights: Weights): NormParameters {
  return {
    scale: valuesOf(weights, scale),
    shift: valuesOf(weights, shift),
    mean: valuesOf(weights, mean),
    variance: valuesOf(weights, variance),
  };
}

/** What the kernel and bias of a convolution are called that does what the BatchNorm after it does, too. */
export function foldedNames({ name }: Pick<Node, 'name'>): { readonly weight: string; readonly bias: string } {
  return { weight: `${name}:kernel`, bias: `${name}:bias` };
}

/** The weights of a convolution that does what `layer` and the BatchNorm after it do. */
export function foldedWeights(
  layer: ConvolutionLayer,
  norm: Node<BatchNormLayer>,
  weights: Weights,
): readonly (readonly [string, NdArray])[] {
  const kernel = weights.get(layer.weight)!;
  const bias = layer.bias === null ? null : valuesOf(weights, layer.bias);
  const folded = foldBatchNorm(kernel.data, bias, normOf(norm.layer, weights), norm.layer.epsilon);
  const names = foldedNames(norm);
  return [
    [names.weight, { ...kernel, data: folded.kernel }],
    [names.bias, ndArray('o', [layer.outputs], folded.bias)],
  ];
}

/** The values of one parameter. Weights are checked against the network before they come here. */
export function valuesOf(weights: Weights, name: string): Float32Array {
  return weights.get(name)!.data;
}
