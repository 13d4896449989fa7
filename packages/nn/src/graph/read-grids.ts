import type { Layer } from '../layers/layer.ts';
import { neededFor } from './needed-nodes.ts';
import { imagesName, type Network } from './network.ts';
import type { TokenGrid } from './token-grids.ts';

/** Kinds that compute every token of that token alone. */
const tokenwise: ReadonlySet<Layer['kind']> = new Set([
  'activation',
  'add',
  'affine',
  'dense',
  'layer-norm',
  'multiply',
  'relu',
  'scale',
]);

/**
 * The values of whose tokens the rest of the network reads those of the grid: after its last block, a transformer that answers by its class
 * token reads that one alone.
 */
export function readGrids(network: Network, grids: ReadonlyMap<string, TokenGrid>): ReadonlySet<string> {
  const read = new Set<string>();
  for (const { name, inputs, layer } of neededFor(network, network.output, imagesName).toReversed()) {
    const passesOn = tokenwise.has(layer.kind) && grids.has(name);
    if (passesOn && !read.has(name)) continue;
    for (const input of inputs) {
      const grid = grids.get(input);
      if (grid && !takesLeading(layer, grid)) read.add(input);
    }
  }
  return read;
}

function takesLeading(layer: Layer, { leading }: TokenGrid): boolean {
  if (layer.kind === 'slice') return layer.axis === 0 && layer.end <= leading;
  return layer.kind === 'gather' && layer.axis === 0 && layer.indices.every((index) => index < leading);
}
