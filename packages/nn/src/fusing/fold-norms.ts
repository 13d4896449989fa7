import type { NdArray } from '@espalier/core';
import type { Network, Node } from '../graph/network.ts';
import type { BatchNormLayer } from '../layers/norms/batch-norm.ts';
import type { ConvolutionLayer } from '../layers/windows/convolution-layer.ts';
import { evaluated, foldedNames, foldedWeights, type Weighted } from './evaluated.ts';
import { type Merge, mergedInto } from './merged-into.ts';

/** A convolution, and the BatchNorm after it that it takes up. */
export interface Fold {
  readonly layer: ConvolutionLayer;
  readonly norm: Node<BatchNormLayer>;
}

/** The network with one convolution in place of each and the BatchNorm after it, as a graph alone. */
export function mergedNorms(
  network: Network,
  kept: ReadonlySet<string>,
): { readonly network: Network; readonly folds: readonly Fold[] } {
  const folds: Fold[] = [];
  const merge: Merge = (node, before) => {
    const convolution = node.layer.kind === 'batch-norm' ? before(node.inputs[0]!, 'convolution') : null;
    if (!convolution) return null;
    const norm = node as Node<BatchNormLayer>; // its kind was looked at
    folds.push({ layer: convolution.layer, norm });
    const layer = { ...convolution.layer, ...foldedNames(norm) };
    return { merged: { ...convolution, name: node.name, layer }, replaced: convolution.name };
  };
  return { network: mergedInto(network, kept, merge), folds };
}

/** BatchNorm folded into the convolution before it. */
export function withFoldedNorms({ network, weights }: Weighted, kept: ReadonlySet<string>): Weighted {
  const merged = mergedNorms(network, kept);
  const added = new Map<string, NdArray>(weights);
  for (const { layer, norm } of merged.folds)
    for (const [name, array] of foldedWeights(layer, norm, weights)) added.set(name, array);
  return { network: merged.network, weights: added };
}

/** The network as rules of relevance see it: BatchNorm in convolutions, where one is before it, and nothing else in one pass. */
export function canonised(start: Weighted, kept: ReadonlySet<string>): Weighted {
  return evaluated(withFoldedNorms(start, kept));
}
