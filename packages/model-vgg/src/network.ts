import type { Network } from '@espalier/nn';
import { adaptiveAveragePool, GraphBuilder, type MadeFor, type Value } from '@espalier/nn/architectures';

/** Convolutions in each of the five groups. */
const depths = {
  vgg11: [1, 1, 2, 2, 2],
  vgg16: [2, 2, 3, 3, 3],
  vgg19: [2, 2, 4, 4, 4],
} as const;

/** Which of the networks: without and with BatchNorm after every convolution. */
export type VggName = keyof typeof depths | `${keyof typeof depths}-bn`;

/** Rows and columns of the map that the dense layers read. */
const side = 7;

/**
 * VGG with torchvision's names: Simonyan and Zisserman (2014), "Very deep convolutional networks for large-scale image recognition", table 1.
 *
 * @param width channels of the first group, 64 in the paper; the later ones have 2, 4, 8 and 8 times as many, the dense layers 64 times
 */
export function vgg(name: VggName, width: number, made: MadeFor): Network {
  const graph = new GraphBuilder();
  const stages: string[] = [];
  let x = graph.images;
  let at = 0;
  const next = () => `features.${at++}`;
  depths[name.replace(/-bn$/, '') as keyof typeof depths].forEach((count, group) => {
    const outputs = width * Math.min(8, 2 ** group);
    for (let i = 0; i < count; i++) {
      x = graph.convolution(next(), x, outputs, { kernel: 3, padding: 1, bias: true });
      if (name.endsWith('-bn')) x = graph.batchNorm(next(), x);
      x = graph.relu(next(), x);
    }
    x = graph.maxPool(next(), x, { kernel: 2, stride: 2 });
    stages.push(x.name);
  });
  return graph.network(name, classifier(graph, x, width, made), stages);
}

function classifier(
  graph: GraphBuilder,
  features: Value,
  width: number,
  { height, width: columns, classes }: MadeFor,
): Value {
  const place = [Math.floor(height / 32), Math.floor(columns / 32)] as const;
  const pooled = adaptiveAveragePool(graph, 'avgpool', features, place, side);
  // PyTorch's maps have their channels first.
  const first = graph.transpose('channels_first', pooled, [2, 0, 1], side);
  let x = graph.reshape('flatten', first, [side * side * features.features]);
  for (const index of [0, 3]) {
    x = graph.dense(`classifier.${index}`, x, 64 * width);
    x = graph.relu(`classifier.${index + 1}`, x);
  }
  return graph.dense('classifier.6', x, classes);
}
