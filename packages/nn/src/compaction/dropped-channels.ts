import type { Masks } from '@espalier/core';
import type { CoupledChannels } from '../channels/coupled-channels.ts';
import type { Node } from '../graph/network.ts';
import type { DenseLayer } from '../layers/products/dense.ts';
import { type ConvolutionLayer, isDepthwise } from '../layers/windows/convolution-layer.ts';
import type { Constants } from './constant-channels.ts';

/**
 * The classes of channels that can go: those of which every kernel that reads them is masked there, or reads a number that is the same for all
 * images, whose part of the sum is a constant. Of each value something stays.
 */
export function droppedClasses(
  nodes: readonly Node[],
  { values, kept }: CoupledChannels,
  constants: ReadonlyMap<string, Constants>,
  masks: Masks,
): ReadonlySet<number> {
  const dropped = new Set([...values.values()].flatMap(({ classes }) => classes));
  for (const each of kept.keys()) dropped.delete(each);
  for (const { layer, inputs } of nodes) {
    if (!readsChannels(layer)) continue;
    const [input] = inputs as readonly [string];
    const read = readChannels(layer, masks);
    values.get(input)!.classes.forEach((each, channel) => {
      const constant = constants.get(input)![channel] ?? Number.NaN;
      if (read[channel] && !Number.isFinite(constant)) dropped.delete(each);
    });
  }
  for (const { classes } of values.values())
    if (classes.length > 0 && classes.every((each) => dropped.has(each))) dropped.delete(classes[0]!);
  return dropped;
}

/** Whether a layer sums over channels, so that each of its kernels may do without some. */
function readsChannels(layer: Node['layer']): layer is ConvolutionLayer | DenseLayer {
  return layer.kind === 'dense' || (layer.kind === 'convolution' && !isDepthwise(layer));
}

/** For each input channel, whether a weight of it is kept. */
function readChannels(layer: ConvolutionLayer | DenseLayer, masks: Masks): readonly boolean[] {
  const mask = masks.get(layer.weight);
  return Array.from({ length: layer.inputs }, (_, channel) => {
    if (!mask) return true;
    for (const at of weightsOf(layer, channel)) if (mask[at] === 1) return true;
    return false;
  });
}

/** Row-major places in the kernel of the weights that an input channel is multiplied with. */
function* weightsOf(layer: ConvolutionLayer | DenseLayer, channel: number): Iterable<number> {
  const { inputs, outputs } = layer;
  if (layer.kind === 'dense') {
    for (let o = 0; o < outputs; o++) yield layer.axes === 'o i' ? o * inputs + channel : channel * outputs + o;
    return;
  }
  const [perGroup, area] = [inputs / layer.groups, layer.kernel[0] * layer.kernel[1]];
  const first = (Math.floor(channel / perGroup) * outputs) / layer.groups;
  for (let o = first; o < first + outputs / layer.groups; o++)
    for (let place = 0; place < area; place++) yield (o * perGroup + (channel % perGroup)) * area + place;
}
