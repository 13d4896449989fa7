import type { Network } from '@espalier/nn';
import { GraphBuilder, type MadeFor, type Value } from '@espalier/nn/architectures';

/** Blocks in each of the four groups, and how much wider than its inside a block's result is. */
const depths = {
  resnet18: { blocks: [2, 2, 2, 2], expansion: 1 },
  resnet34: { blocks: [3, 4, 6, 3], expansion: 1 },
  resnet50: { blocks: [3, 4, 6, 3], expansion: 4 },
  resnet101: { blocks: [3, 4, 23, 3], expansion: 4 },
} as const;

/** Which of the depths. */
export type ResnetName = keyof typeof depths;

/**
 * A ResNet with torchvision's names: He et al. 2015, "Deep residual learning for image recognition", table 1, with option B shortcuts
 * (projection where the shape changes). In the bottlenecks of 50 and 101 the stride is that of the middle convolution, as in torchvision.
 *
 * @param width channels of the first group; 64 in the paper
 */
export function resnet(name: ResnetName, width: number, { classes }: Pick<MadeFor, 'classes'>): Network {
  const { blocks, expansion } = depths[name];
  const graph = new GraphBuilder();
  let x = normalised(graph, 'conv1', 'bn1', graph.images, width, { kernel: 7, stride: 2, padding: 3 });
  x = graph.relu('relu', x);
  x = graph.maxPool('maxpool', x, { kernel: 3, stride: 2, padding: 1 });
  blocks.forEach((count, index) => {
    const group = `layer${index + 1}`;
    for (let i = 0; i < count; i++) {
      const block = { inside: width * 2 ** index, expansion, stride: i === 0 && index > 0 ? 2 : 1 };
      // The last block's value is that of the group.
      x = residual(graph, `${group}.${i}`, i === count - 1 ? group : `${group}.${i}`, x, block);
    }
  });
  const logits = graph.dense('fc', graph.globalMean('avgpool', x), classes);
  return graph.network(name, logits, ['relu', 'maxpool', 'layer1', 'layer2', 'layer3', 'layer4']);
}

interface Block {
  /** Channels inside; the result has `expansion` times as many. */
  readonly inside: number;
  readonly expansion: number;
  readonly stride: number;
}

/** relu(body(x) + shortcut(x)). */
function residual(graph: GraphBuilder, prefix: string, name: string, x: Value, block: Block): Value {
  const { inside, expansion, stride } = block;
  const outputs = inside * expansion;
  const body = expansion === 1 ? basic(graph, prefix, x, block) : bottleneck(graph, prefix, x, block);
  const [kernel, norm] = [`${prefix}.downsample.0`, `${prefix}.downsample.1`];
  const isIdentity = stride === 1 && x.features === outputs;
  const shortcut = isIdentity ? x : normalised(graph, kernel, norm, x, outputs, { kernel: 1, stride, padding: 0 });
  return graph.relu(name, graph.sum(`${prefix}.add`, body, shortcut));
}

function basic(graph: GraphBuilder, prefix: string, x: Value, { inside, stride }: Block): Value {
  const first = normalised(graph, `${prefix}.conv1`, `${prefix}.bn1`, x, inside, { kernel: 3, stride, padding: 1 });
  const wide = { kernel: 3, padding: 1 };
  return normalised(graph, `${prefix}.conv2`, `${prefix}.bn2`, graph.relu(`${prefix}.relu`, first), inside, wide);
}

function bottleneck(graph: GraphBuilder, prefix: string, x: Value, { inside, expansion, stride }: Block): Value {
  const first = normalised(graph, `${prefix}.conv1`, `${prefix}.bn1`, x, inside, { kernel: 1 });
  const wide = { kernel: 3, stride, padding: 1 };
  const second = normalised(
    graph,
    `${prefix}.conv2`,
    `${prefix}.bn2`,
    graph.relu(`${prefix}.relu1`, first),
    inside,
    wide,
  );
  const outputs = inside * expansion;
  return normalised(graph, `${prefix}.conv3`, `${prefix}.bn3`, graph.relu(`${prefix}.relu2`, second), outputs, {
    kernel: 1,
  });
}

function normalised(
  graph: GraphBuilder,
  convolution: string,
  norm: string,
  x: Value,
  outputs: number,
  window: Parameters<GraphBuilder['convolution']>[3],
): Value {
  return graph.batchNorm(norm, graph.convolution(convolution, x, outputs, window));
}
