import { type ModelUse, sizeOf } from '@espalier/core';
import { kindOf } from '../graph/kinds.ts';
import { imagesName, type Network, type Shape } from '../graph/network.ts';
import { parametersOf } from '../graph/parameters.ts';
import { shapesOf } from '../graph/shapes-of.ts';

/** Copies of all weights: in the model that was, the one that becomes, two on their way, and on the device. */
const weightCopies = 5;
/** Evaluation takes images in parts of so many pixels. */
const evaluatedPixels = 16 * 224 * 224;

/** Bytes that training or evaluating a network wants at its peak, beside those of the engine. */
export function memoryOf(network: Network, { height, width, training }: ModelUse): number {
  const shapes = shapesOf(network, { height, width, channels: 3 });
  const weights = parametersOf(network).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const images = training?.batchSize ?? Math.max(1, Math.floor(evaluatedPixels / (height * width)));
  const copies = training ? weightCopies + 2 * training.slots : weightCopies;
  const perImage = keptValues(network, shapes, training !== undefined) + passingValues(shapes);
  return 4 * (copies * weights + images * perImage);
}

/** Values of one image that wait for the way back. */
function keptValues(network: Network, shapes: ReadonlyMap<string, Shape>, forParameters: boolean): number {
  const kept = new Set([imagesName]);
  for (const { name, inputs, layer } of network.nodes) {
    // In evaluation it is part of the convolution before it.
    if (layer.kind === 'batch-norm' && !forParameters) continue;
    const keeps = kindOf(layer).keeps?.(layer, forParameters);
    if (keeps?.inputs) for (const input of inputs) kept.add(input);
    if (keeps?.output) kept.add(name);
  }
  return [...kept].reduce((sum, name) => sum + sizeOf(shapes.get(name)!), 0);
}

/** Values of one image on the way: what a layer takes and gives, and their gradients, where they are most. */
function passingValues(shapes: ReadonlyMap<string, Shape>): number {
  return 4 * Math.max(...[...shapes.values()].map(sizeOf));
}
