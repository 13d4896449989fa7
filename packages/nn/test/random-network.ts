import { randomStream } from '@espalier/core';
import { GraphBuilder, selfAttention, type Value } from '../src/architectures/index.ts';
import type { Network } from '../src/graph/network.ts';

/** What images of a random network are. */
export const randomSize = { height: 6, width: 6, channels: 3 } as const;

type Maps = readonly Value[];

/** One random step: from the maps so far, all of 6 x 6 places, to one more. */
type Step = (graph: GraphBuilder, name: string, maps: Maps, pick: (below: number) => number) => Value | null;

const size = { kernel: 3, padding: 1 } as const;
const any = (maps: Maps, pick: (below: number) => number) => maps[pick(maps.length)]!;

const steps: Readonly<Record<string, Step>> = {
  convolution(graph, name, maps, pick) {
    const sum = graph.convolution(name, any(maps, pick), 2 + pick(5), { ...size, bias: pick(2) === 1 });
    return graph.relu(`${name}.relu`, graph.batchNorm(`${name}.norm`, sum));
  },
  grouped(graph, name, maps, pick) {
    const x = any(maps, pick);
    return x.features % 2 === 0 ? graph.convolution(name, x, 2 * (1 + pick(3)), { ...size, groups: 2 }) : null;
  },
  depthwise(graph, name, maps, pick) {
    const x = any(maps, pick);
    const sum = graph.convolution(name, x, x.features * (1 + pick(2)), { ...size, groups: x.features, bias: true });
    return graph.activation(`${name}.clip`, sum, { kind: 'clip', least: 0, most: 6 });
  },
  sum(graph, name, maps, pick) {
    const x = any(maps, pick);
    const others = maps.filter((other) => other.features === x.features && other !== x);
    return others.length > 0 ? graph.sum(name, x, any(others, pick)) : null;
  },
  concat: (graph, name, maps, pick) => {
    const [a, b] = [any(maps, pick), any(maps, pick)];
    return graph.add(name, [a, b], { kind: 'concat', axis: 2 }, a.features + b.features);
  },
  squeezed(graph, name, maps, pick) {
    const x = any(maps, pick);
    const means = graph.add(`${name}.mean`, [x], { kind: 'mean', axes: [0, 1], keepsAxes: true }, x.features);
    const few = graph.relu(`${name}.relu`, graph.convolution(`${name}.fc1`, means, 2, { kernel: 1, bias: true }));
    const all = graph.convolution(`${name}.fc2`, few, x.features, { kernel: 1, bias: true });
    return graph.add(
      name,
      [x, graph.activation(`${name}.gate`, all, { kind: 'sigmoid' })],
      { kind: 'multiply' },
      x.features,
    );
  },
  attended(graph, name, maps, pick) {
    const x = any(maps, pick);
    const where = graph.activation(`${name}.gate`, graph.convolution(`${name}.one`, x, 1, size), { kind: 'sigmoid' });
    return graph.add(name, [x, where], { kind: 'multiply' }, x.features);
  },
  shuffled(graph, name, maps, pick) {
    const x = any(maps, pick);
    if (x.features % 2 === 1) return null;
    const { height, width } = randomSize;
    const half = x.features / 2;
    const split = graph.reshape(`${name}.split`, x, [height, width, 2, half]);
    const turned = graph.transpose(`${name}.turned`, split, [0, 1, 3, 2], 2);
    return graph.reshape(name, turned, [height, width, x.features]);
  },
  half(graph, name, maps, pick) {
    const x = any(maps, pick);
    if (x.features < 4) return null;
    const end = Math.floor(x.features / 2);
    return graph.add(name, [x], { kind: 'slice', axis: 2, start: 0, end }, end);
  },
  gathered: (graph, name, maps, pick) => {
    const x = any(maps, pick);
    const indices = Array.from({ length: x.features }, (_, i) => x.features - 1 - i);
    return graph.add(name, [x], { kind: 'gather', axis: 2, indices }, x.features);
  },
  pooled: (graph, name, maps, pick) => graph.maxPool(name, any(maps, pick), { kernel: 3, padding: 1 }),
  averaged: (graph, name, maps, pick) => {
    const x = any(maps, pick);
    const window = { kernel: [3, 3], stride: [1, 1], padding: [1, 1, 1, 1] } as const;
    return graph.add(
      name,
      [x],
      { kind: 'average-pool', ...window, countsPadding: pick(2) === 1, overhang: [0, 0] },
      x.features,
    );
  },
  scaled(graph, name, maps, pick) {
    const x = any(maps, pick);
    const factors = graph.parameter(`${name}.factors`, [1, 1, x.features], 'scale');
    return graph.add(name, [x, factors], { kind: 'multiply' }, x.features);
  },
  shifted(graph, name, maps, pick) {
    const x = any(maps, pick);
    const values = Float32Array.from({ length: x.features }, (_, c) => c / 4 - 0.5);
    const shift = graph.add(
      `${name}.constant`,
      [],
      { kind: 'constant', shape: [1, 1, x.features], values },
      x.features,
    );
    return graph.sum(name, x, shift);
  },
  tokens(graph, name, maps, pick) {
    const x = any(maps, pick);
    const { height, width } = randomSize;
    const tokens = height * width;
    const patches = graph.reshape(`${name}.list`, graph.convolution(`${name}.embed`, x, 4, { kernel: 1 }), [tokens, 4]);
    const list = graph.sum(`${name}.placed`, patches, graph.parameter(`${name}.places`, [tokens, 4], 'embedding'));
    const attended = selfAttention(graph, `${name}.attention`, graph.layerNorm(`${name}.ln`, list, 1e-5), {
      tokens,
      heads: 2,
    });
    const wide = graph.dense(`${name}.fc1`, graph.sum(`${name}.sum`, attended, list), 5);
    const bent = graph.activation(`${name}.gelu`, wide, { kind: 'gelu', approximation: 'none' });
    const names = { weight: `${name}.fc2.weight`, bias: `${name}.fc2.bias` };
    const layer = { kind: 'dense', axes: 'i o', inputs: 5, outputs: 3, ...names } as const;
    return graph.reshape(name, graph.add(`${name}.fc2`, [bent], layer, 3), [height, width, 3]);
  },
};

/** A network of a few random steps, of every kind that couples channels; by its seed. */
export function randomNetwork(seed: number, classes: number): Network {
  const stream = randomStream(seed, 'network');
  const pick = (below: number) => Math.floor(stream.uniform() * below);
  const graph = new GraphBuilder();
  const maps = [graph.relu('stem.relu', graph.convolution('stem', graph.images, 6, { ...size, bias: true }))];
  const kinds = Object.values(steps);
  for (let at = 0; at < 9; at++) {
    const found = kinds[pick(kinds.length)]!(graph, `step${at}`, maps, pick);
    if (found) maps.push(found);
  }
  const last = graph.add(
    'last',
    maps,
    { kind: 'concat', axis: 2 },
    maps.reduce((sum, x) => sum + x.features, 0),
  );
  const { height, width } = randomSize;
  const flat =
    pick(2) === 0
      ? graph.globalMean('means', last)
      : graph.reshape('flat', graph.transpose('channels-first', last, [2, 0, 1], width), [
          height * width * last.features,
        ]);
  return graph.network('random', graph.dense('head', flat, classes), []);
}
