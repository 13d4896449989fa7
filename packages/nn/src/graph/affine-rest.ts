import type { Layer } from '../layers/layer.ts';
import { withGradient } from './backward.ts';
import { neededFor } from './needed-nodes.ts';
import { imagesName, type Network } from './network.ts';

/** Kinds that are affine functions of their inputs as a network is evaluated: normalisation is by running statistics. */
const affine: ReadonlySet<Layer['kind']> = new Set([
  'add',
  'affine',
  'average-pool',
  'batch-norm',
  'concat',
  'convolution',
  'dense',
  'gather',
  'mean',
  'reshape',
  'scale',
  'slice',
  'transpose',
]);

/** Kinds that are, too, where one input alone is computed of the images. */
const bilinear: ReadonlySet<Layer['kind']> = new Set(['matmul', 'multiply']);

/** The values of which the logits are an affine function, as long as they are a function of this value alone. */
export function affineRests(network: Network): ReadonlySet<string> {
  const nodes = neededFor(network, network.output, imagesName);
  const ofImages = withGradient(nodes, imagesName, false);
  const bent = new Set<string>();
  for (const { name, inputs, layer } of nodes.toReversed()) {
    const given = inputs.filter((input) => ofImages.has(input));
    const isAffine = affine.has(layer.kind) || (bilinear.has(layer.kind) && given.length === 1);
    if (isAffine && !bent.has(name)) continue;
    for (const input of given) bent.add(input);
  }
  return new Set(nodes.map(({ name }) => name).filter((name) => !bent.has(name)));
}
