import { withGradient } from '../graph/backward.ts';
import { imagesName, type Network, type Node, type Shape } from '../graph/network.ts';
import type { BatchNormLayer } from '../layers/norms/batch-norm.ts';
import type { ConvolutionLayer } from '../layers/windows/convolution-layer.ts';
import { evaluated, foldedInto, type Weighted } from './evaluated.ts';
import { type Merge, mergedInto } from './merged-into.ts';

/**
 * The same network in fewer passes over its values, for evaluation: BatchNorm folded into the convolution before it, then residual sums and
 * relu computed with the convolution. Results change by rounding alone.
 *
 * @param shapes of all values for one image
 * @param kept nodes whose own values are asked for: what they compute is not merged into a later node
 */
export function fused(start: Weighted, shapes: ReadonlyMap<string, Shape>, kept: ReadonlySet<string>): Weighted {
  const folded = withFoldedNorms(start, kept);
  const { network, weights } = evaluated(folded);
  const summed = mergedInto(network, kept, residualMerge(network, shapes));
  return { network: mergedInto(summed, kept, withRelu), weights };
}

function withFoldedNorms({ network, weights }: Weighted, kept: ReadonlySet<string>): Weighted {
  const added = new Map(weights);
  const merge: Merge = (node, before) => {
    const convolution = node.layer.kind === 'batch-norm' ? before(node.inputs[0]!) : null;
    if (!convolution) return null;
    const folded = foldedInto(convolution.layer, node as Node<BatchNormLayer>, weights); // its kind was looked at
    for (const [name, array] of folded.weights) added.set(name, array);
    return { merged: { ...convolution, name: node.name, layer: folded.layer }, replaced: convolution.name };
  };
  return { network: mergedInto(network, kept, merge), weights: added };
}

/** A sum is computed with a convolution only where nothing is repeated, neither over axes nor over images. */
function residualMerge(network: Network, shapes: ReadonlyMap<string, Shape>): Merge {
  const ofImages = withGradient(network.nodes, imagesName, false);
  const isWhole = (name: string, sum: string) =>
    ofImages.has(name) && shapes.get(name)!.join() === shapes.get(sum)!.join();
  return (node, before) => {
    const [a, b] = node.inputs;
    if (node.layer.kind !== 'add' || a === b || !isWhole(a!, node.name) || !isWhole(b!, node.name)) return null;
    for (const [sum, residual] of [
      [a!, b!],
      [b!, a!],
    ] as const) {
      const convolution = before(sum);
      if (!convolution || convolution.layer.residual) continue;
      const layer: ConvolutionLayer = { ...convolution.layer, residual: true };
      return { merged: { name: node.name, inputs: [...convolution.inputs, residual], layer }, replaced: sum };
    }
    return null;
  };
}

const withRelu: Merge = (node, before) => {
  const convolution = node.layer.kind === 'relu' ? before(node.inputs[0]!) : null;
  if (!convolution) return null;
  const layer: ConvolutionLayer = { ...convolution.layer, relu: true };
  return { merged: { ...convolution, name: node.name, layer }, replaced: convolution.name };
};
