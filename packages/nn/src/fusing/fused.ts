import type { Activation } from '@espalier/engine';
import { withGradient } from '../graph/backward.ts';
import { imagesName, type Network, type Shape } from '../graph/network.ts';
import type { Layer } from '../layers/layer.ts';
import type { End } from '../layers/values/end.ts';
import type { ConvolutionLayer } from '../layers/windows/convolution-layer.ts';
import { evaluated, type Weighted } from './evaluated.ts';
import { withFoldedNorms } from './fold-norms.ts';
import { type Merge, mergedInto, type Pass } from './merged-into.ts';

/**
 * The same network in fewer passes over its values, for evaluation: BatchNorm folded into the convolution before it, then residual sums
 * and functions of every value computed with the convolution or dense layer. Results change by rounding alone.
 *
 * @param shapes of all values for one image
 * @param kept nodes whose own values are asked for: what they compute is not merged into a later node
 */
export function fused(start: Weighted, shapes: ReadonlyMap<string, Shape>, kept: ReadonlySet<string>): Weighted {
  const folded = withFoldedNorms(start, kept);
  const { network, weights } = evaluated(folded);
  const summed = mergedInto(network, kept, residualMerge(network, shapes));
  return { network: mergedInto(summed, kept, withEnd), weights };
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
      const convolution = before(sum, 'convolution');
      if (!convolution || convolution.layer.residual) continue;
      const layer: ConvolutionLayer = { ...convolution.layer, residual: true };
      return { merged: { name: node.name, inputs: [...convolution.inputs, residual], layer }, replaced: sum };
    }
    return null;
  };
}

const withEnd: Merge = ({ name, inputs, layer }, before) => {
  const pass = before(inputs[0]!, 'convolution', 'dense');
  const end = pass && endOf(layer, pass.layer);
  return end ? { merged: { ...pass, name, layer: { ...pass.layer, end } }, replaced: pass.name } : null;
};

/** What an engine computes faster in the same pass than in one of its own, as measured; the rest stays as it is. */
function endOf(layer: Layer, pass: Pass): End | null {
  if (layer.kind === 'relu') return layer;
  if (layer.kind !== 'activation') return null;
  const isFaster = pass.kind === 'dense' ? layer.function.kind === 'gelu' : isRelu6(layer.function) && !pass.residual;
  return isFaster ? layer : null;
}

function isRelu6(f: Activation): boolean {
  return f.kind === 'clip' && f.least === 0 && f.most === 6;
}
