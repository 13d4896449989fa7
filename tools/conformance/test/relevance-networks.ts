import { readFileSync } from 'node:fs';
import { type Model, ndArray } from '@espalier/core';
import { openEngine } from '@espalier/engine';
import { networkModel, parametersOf } from '@espalier/nn';
import { GraphBuilder, type Value } from '@espalier/nn/architectures';
import { expect } from 'vitest';
import { hasTensorflow } from './reference.ts';

interface Array {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** Made by tools/reference/relevance.py in float64 with Zennit 0.5.1. */
export const relevanceFixture: {
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly epsilon: number;
  readonly gamma: number;
  readonly stabilizer: number;
  readonly networks: Readonly<
    Record<
      string,
      {
        readonly image: readonly number[];
        readonly target: number;
        readonly logits: readonly number[];
        readonly weights: Readonly<Record<string, Array>>;
        readonly relevance: Readonly<Record<string, readonly number[]>>;
      }
    >
  >;
} = JSON.parse(readFileSync(new URL('fixtures/relevance.json', import.meta.url), 'utf8'));

/** Engines that are here. */
export const engines = ['wasm', ...(hasTensorflow ? (['tensorflow'] as const) : [])] as const;

/** One of the networks of the fixture, on an engine. */
export async function modelOf(name: 'vgg' | 'resnet' | 'mobile', engine: 'wasm' | 'tensorflow'): Promise<Model> {
  const graph = new GraphBuilder();
  const network = graph.network(name, networks[name](graph), []);
  const weights = new Map(
    parametersOf(network).map((parameter) => {
      const { shape, data } = relevanceFixture.networks[name]!.weights[parameter.name]!;
      return [parameter.name, ndArray(shape.map((_, i) => `a${i}`).join(' '), shape, Float32Array.from(data))] as const;
    }),
  );
  const { mean, std } = relevanceFixture;
  return networkModel({
    ops: await openEngine({ engine }),
    compute: { inference: 'exact', training: 'exact' },
    network,
    spec: { input: { height: 8, width: 8, channels: 3, mean, std }, classes: ['a', 'b', 'c'] },
    weights,
    masks: new Map(),
    history: [],
  });
}

/** The networks of the script, with PyTorch's names. */
const networks = {
  vgg(graph: GraphBuilder): Value {
    const wide = { kernel: 3, padding: 1, bias: true };
    let x = graph.convolution('conv1', graph.images, 4, wide);
    x = graph.relu('end1', graph.batchNorm('bn1', x));
    x = graph.relu('end2', graph.convolution('conv2', x, 4, wide));
    x = graph.maxPool('pool', x, { kernel: 2, stride: 2 });
    x = graph.relu('end3', graph.batchNorm('bn3', graph.convolution('conv3', x, 6, wide)));
    const halves = { kernel: [2, 2], stride: [2, 2], padding: [0, 0, 0, 0], overhang: [0, 0] } as const;
    x = graph.add('mean', [x], { kind: 'average-pool', countsPadding: false, ...halves }, 6);
    x = graph.reshape('flatten', graph.transpose('channels_first', x, [2, 0, 1], 2), [24]);
    return graph.dense('fc2', graph.relu('end4', graph.dense('fc1', x, 8)), 3);
  },
  resnet(graph: GraphBuilder): Value {
    const norm = (name: string, x: Value, outputs: number, kernel: number, stride = 1): Value => {
      const convolved = graph.convolution(`conv${name}`, x, outputs, { kernel, stride, padding: kernel >> 1 });
      return graph.batchNorm(`bn${name}`, convolved);
    };
    const block = (name: string, x: Value, outputs: number, stride: number): Value => {
      const inner = (index: number, from: Value, kernel: number, step: number): Value => {
        const window = { kernel, stride: step, padding: kernel >> 1 };
        return graph.batchNorm(`${name}.bn${index}`, graph.convolution(`${name}.conv${index}`, from, outputs, window));
      };
      const y = inner(2, graph.relu(`${name}.end1`, inner(1, x, 3, stride)), 3, 1);
      const skip = stride > 1 ? inner(0, x, 1, stride) : x;
      return graph.relu(`${name}.end`, graph.sum(`${name}.sum`, skip, y));
    };
    const x = block('b', block('a', graph.relu('end1', norm('1', graph.images, 4, 3)), 4, 1), 6, 2);
    return graph.dense('fc', graph.globalMean('mean', x), 3);
  },
  mobile(graph: GraphBuilder): Value {
    const step = (index: number, x: Value, outputs: number, kernel: number, more: object = {}): Value => {
      const window = { kernel, padding: kernel >> 1, ...more };
      return graph.batchNorm(`bn${index}`, graph.convolution(`conv${index}`, x, outputs, window));
    };
    const ended = (index: number, x: Value): Value =>
      graph.activation(`end${index}`, x, { kind: 'clip', least: 0, most: 6 });
    const x = ended(1, step(1, graph.images, 4, 3, { stride: 2 }));
    const wide = ended(3, step(3, ended(2, step(2, x, 8, 1)), 8, 3, { groups: 8 }));
    return graph.dense('fc', graph.globalMean('mean', graph.sum('sum', x, step(4, wide, 4, 1))), 3);
  },
};

/** float32 through up to eight layers, of which quotients grow what was rounded: relative to the largest value. */
export function expectClose(found: Float32Array, expected: readonly number[]): void {
  expect(found.length).toBe(expected.length);
  const scale = Math.max(1e-3, ...expected.map(Math.abs));
  const worst = Math.max(...expected.map((value, i) => Math.abs(value - found[i]!)));
  expect(worst / scale).toBeLessThan(1e-4);
}
