import {
  architecturePlugin,
  atLeast,
  GraphBuilder,
  startOptions,
  usualInitial,
  type Value,
} from '@espalier/nn/architectures';
import * as z from 'zod';

/**
 * Say in one sentence what network my-plugin is.
 *
 * @example "network": { "use": "mine/my-plugin", "in": { "data": { "$from": "data.train" } } }
 */
export const myPlugin = architecturePlugin({
  name: 'my-plugin',
  cacheVersion: '1',
  source: { title: 'Authors (year), Title of the paper', url: 'https://example.org/the-paper', departures: [] },
  options: z.strictObject({
    width: z
      .int()
      .min(1)
      .max(1024)
      .default(16)
      .describe('channels of the first block; each later one has twice as many'),
    blocks: z.int().min(1).max(4).default(2).describe('blocks, each of which halves height and width'),
    ...startOptions,
  }),
  images: atLeast(16, 'This network'),
  network({ width, blocks }, { classes }) {
    const graph = new GraphBuilder();
    const names = Array.from({ length: blocks }, (_, i) => `block${i + 1}`);
    let x: Value = graph.images;
    for (const [i, name] of names.entries()) x = halved(graph, name, x, width * 2 ** i);
    const logits = graph.dense('head', graph.globalMean('mean', x), classes);
    return graph.network('my-plugin', logits, names); // the blocks are its stages: layers that methods take where none is named
  },
  initial: usualInitial,
});

/** A convolution of stride 2, BatchNorm and ReLU; parameters are called as PyTorch would call them. */
function halved(graph: GraphBuilder, name: string, x: Value, features: number): Value {
  const sums = graph.convolution(`${name}.conv`, x, features, { kernel: 3, stride: 2, padding: 1 });
  return graph.relu(name, graph.batchNorm(`${name}.norm`, sums));
}
