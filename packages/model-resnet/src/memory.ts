import type { ModelUse } from '@espalier/core';
import type { ConvolutionLayer, Network } from '@espalier/nn';

/** Copies of all weights: in the model that was, the one that becomes, two on their way, and on the device. */
const weightCopies = 5;
/** Of what a layer computes, training keeps the sum, the normalised sum and a gradient. */
const keptPerOutput = 3;
/** Evaluation takes images in parts of so many pixels, and keeps what two layers compute. */
const evaluatedPixels = 16 * 224 * 224;

/** Bytes that training or evaluating a network wants at its peak, beside those of the engine. */
export function memoryOf(network: Network, { height, width, training }: ModelUse): number {
  const { weights, outputs } = sizesOf(network, height, width);
  const images = training?.batchSize ?? Math.max(1, Math.floor(evaluatedPixels / (height * width)));
  const copies = training ? weightCopies + 2 * training.slots : weightCopies;
  const kept = training ? keptPerOutput * outputs : outputs / 2;
  return 4 * (copies * weights + images * (kept + 3 * height * width));
}

/** Weights, and values that all layers compute of one image. */
function sizesOf({ stages, classifier }: Network, height: number, width: number) {
  let place = { height, width };
  let weights = classifier.inputs * classifier.outputs;
  let outputs = 0;
  const add = (layer: ConvolutionLayer, from: typeof place): typeof place => {
    const to = reduced(from, layer);
    weights += layer.inputs * layer.outputs * layer.size ** 2;
    outputs += layer.outputs * to.height * to.width;
    return to;
  };
  for (const { layer } of stages) {
    if (layer.kind === 'convolution') place = add(layer, place);
    else if (layer.kind === 'max-pool') place = reduced(place, layer);
    else {
      if (layer.shortcut) add(layer.shortcut, place);
      place = layer.body.reduce((from, each) => add(each, from), place);
    }
  }
  return { weights, outputs };
}

function reduced(
  { height, width }: { readonly height: number; readonly width: number },
  { size, stride, padding }: { readonly size: number; readonly stride: number; readonly padding: number },
) {
  const side = (length: number) => Math.floor((length + 2 * padding - size) / stride) + 1;
  return { height: side(height), width: side(width) };
}
