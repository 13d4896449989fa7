import {
  type ChannelPart,
  type Model,
  masksWithout,
  type NdArray,
  ndArray,
  randomStream,
  sizeOf,
} from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { engines } from '../../engine/test/support/index.ts';
import { GraphBuilder, selfAttention, type Value } from '../src/architectures/index.ts';
import { channelGroupsOf } from '../src/channels/channel-groups.ts';
import type { Network } from '../src/graph/network.ts';
import { parametersOf } from '../src/graph/parameters.ts';
import { shapesOf } from '../src/graph/shapes-of.ts';
import { networkModel } from '../src/model/network-model.ts';
import { randomNetwork, randomSize } from './random-network.ts';

const [{ ops }] = engines.filter(({ name }) => name === 'wasm') as [(typeof engines)[number]];
const classes = ['square', 'disc', 'cross'];

function modelOf(network: Network): Model {
  const weights = parametersOf(network).map(({ name, shape, role }): [string, NdArray] => {
    const stream = randomStream(1, name);
    const around = role === 'scale' || name.endsWith('_var') ? 1 : 0;
    const spread = role === 'kernel' ? Math.sqrt(2 / sizeOf(shape.slice(1))) : 0.1;
    const data = Float32Array.from({ length: sizeOf(shape) }, () => around + spread * stream.normal());
    return [name, ndArray(['', 'o', 'o i', 'o i w', 'o i h w'][shape.length]!, shape, data)];
  });
  return networkModel({
    ops: ops!,
    compute: { inference: 'exact', training: 'exact' },
    network,
    spec: { input: { ...randomSize, mean: [0.4, 0.5, 0.6], std: [0.2, 0.2, 0.3] }, classes },
    weights: new Map(weights),
    masks: new Map(),
    history: [],
  });
}

function imagesFor({ input }: Model): NdArray<'n h w c'> {
  const shape = [3, input.height, input.width, input.channels];
  const stream = randomStream(2, 'images');
  return ndArray(
    'n h w c',
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => stream.uniform()),
  );
}

async function farthest(a: Model, b: Model): Promise<number> {
  const [one, other] = [await a.predict(imagesFor(a)), await b.predict(imagesFor(b))];
  return one.data.reduce((most, value, i) => Math.max(most, Math.abs(value - other.data[i]!)), 0);
}

/** Some channels of every group, at random. */
function someChannels(model: Model, seed: number): readonly (readonly ChannelPart[])[] {
  const stream = randomStream(seed, 'channels');
  return model.channelGroups().groups.flatMap(({ channels }) => channels.slice(1).filter(() => stream.uniform() < 0.5));
}

function lengthsLeft({ parameters }: Model, gone: readonly (readonly ChannelPart[])[]) {
  return parameters.map(({ name, shape }) => {
    const left = gone
      .flat()
      .filter(({ parameter }) => parameter === name)
      .reduce((lengths, { axis, indices }) => lengths.with(axis, lengths[axis]! - indices.length), shape);
    return { name, size: sizeOf(left) };
  });
}

const seeds = Array.from({ length: 10 }, (_, seed) => seed);

describe('channels of random networks', () => {
  test.each(seeds)('go together, and nothing else changes: seed %i', async (seed) => {
    using model = modelOf(randomNetwork(seed, classes.length));
    const gone = someChannels(model, seed);
    using masked = await model.masked(masksWithout(model, gone));
    using compacted = await masked.compacted();
    expect(await farthest(compacted, masked)).toBeLessThan(1e-4);
    const left = lengthsLeft(model, gone);
    expect(compacted.parameters.map(({ name, shape }) => ({ name, size: sizeOf(shape) }))).toEqual(left);
    const { perWeight } = model.multiplyAccumulates();
    expect(compacted.multiplyAccumulates().perWeight).toEqual(perWeight);
    expect(compacted.layers.length).toBe(model.layers.length);
    using again = await compacted.compacted();
    expect(again.parameters).toEqual(compacted.parameters);
  });
});

/** What lies in a group: parameter, axis and number of places of its first channel, kernels alone. */
function groupsOf(build: (graph: GraphBuilder) => Value) {
  const graph = new GraphBuilder();
  const network = graph.network(
    'made',
    graph.dense('head', graph.globalMean('means', build(graph)), classes.length),
    [],
  );
  const { groups, kept } = channelGroupsOf(network, shapesOf(network, randomSize));
  const kernels = new Set(
    parametersOf(network)
      .filter(({ role }) => role === 'kernel')
      .map(({ name }) => name),
  );
  const lines = groups.map(({ channels }) => {
    const parts = channels[0]!.filter(({ parameter }) => kernels.has(parameter));
    const texts = parts.map(
      ({ parameter, side, indices }) => `${parameter.replace('.weight', '')} ${side} ${indices.join()}`,
    );
    return `${channels.length}: ${texts.join('; ')}`;
  });
  return { lines, kept: new Map(kept.map(({ kernel, reason }) => [kernel.replace('.weight', ''), reason])) };
}

const conv = (graph: GraphBuilder, name: string, x: Value, outputs: number, groups = 1) =>
  graph.convolution(name, x, outputs, { kernel: 1, groups });

describe('channels that go together', () => {
  test('are those that sums couple; those of images and the classes stay', () => {
    const { lines, kept } = groupsOf((graph) => {
      const a = conv(graph, 'a', graph.images, 4);
      return graph.sum('sum', a, conv(graph, 'c', conv(graph, 'b', a, 5), 4));
    });
    expect(lines).toEqual(['4: a output 0; b input 0; c output 0; head input 0', '5: b output 0; c input 0']);
    expect([...kept]).toEqual([['head', 'they are the classes']]);
    const ofImages = groupsOf((graph) => graph.sum('sum', graph.images, conv(graph, 'a', graph.images, 3)));
    expect(ofImages.lines).toEqual([]);
    expect(ofImages.kept.get('a')).toBe('they are those of the images');
  });

  test('are a range of what reads a concatenation', () => {
    const { lines } = groupsOf((graph) => {
      const a = conv(graph, 'a', graph.images, 4);
      return graph.add('joined', [a, conv(graph, 'b', a, 2)], { kind: 'concat', axis: 2 }, 6);
    });
    expect(lines).toEqual(['4: a output 0; b input 0; head input 0', '2: b output 0; head input 4']);
  });

  test('are all outputs of a depthwise kernel, and the same places of all groups of a grouped one', () => {
    expect(groupsOf((graph) => conv(graph, 'b', conv(graph, 'a', graph.images, 3), 6, 3)).lines).toEqual([
      '3: a output 0; b output 0,1; head input 0,1',
    ]);
    expect(groupsOf((graph) => conv(graph, 'b', conv(graph, 'a', graph.images, 4), 6, 2)).lines).toEqual([
      '2: a output 0,2; b input 0',
      '3: b output 0,3; head input 0,3',
    ]);
    // A kernel over one channel is no depthwise one.
    expect(groupsOf((graph) => conv(graph, 'b', conv(graph, 'a', graph.images, 1), 6)).kept.get('a')).toBe(
      'they are all that "a" has',
    );
  });

  test('are those of a gate; a number that is repeated over channels stays', () => {
    const gated = groupsOf((graph) => {
      const a = conv(graph, 'a', graph.images, 4);
      const mean = graph.add('mean', [a], { kind: 'mean', axes: [0, 1], keepsAxes: true }, 4);
      return graph.add('gated', [a, conv(graph, 'c', conv(graph, 'b', mean, 2), 4)], { kind: 'multiply' }, 4);
    });
    expect(gated.lines).toEqual(['4: a output 0; b input 0; c output 0; head input 0', '2: b output 0; c input 0']);
    const attended = groupsOf((graph) => {
      const a = conv(graph, 'a', graph.images, 4);
      return graph.add('attended', [a, conv(graph, 'b', a, 1)], { kind: 'multiply' }, 4);
    });
    expect(attended.lines).toEqual(['4: a output 0; b input 0; head input 0']);
    expect(attended.kept.get('b')).toBe('"attended" repeats them over other channels');
  });

  test('are whole heads of attention, and units between dense layers; what a LayerNorm normalises over stays', () => {
    const { lines, kept } = groupsOf((graph) => {
      const tokens = graph.reshape('tokens', conv(graph, 'a', graph.images, 4), [36, 4]);
      const attended = selfAttention(graph, 'at', graph.layerNorm('ln', tokens, 1e-5), { tokens: 36, heads: 2 });
      const sum = graph.sum('sum', attended, tokens);
      return graph.reshape('map', graph.dense('fc2', graph.dense('fc1', sum, 6), 2), [6, 6, 2]);
    });
    expect(lines).toEqual([
      '2: at.in_proj_weight output 0,1,4,5,8,9; at.out_proj input 0,1',
      '6: fc1 output 0; fc2 input 0',
      '2: fc2 output 0; head input 0',
    ]);
    expect(kept.get('a')).toBe('"ln" needs all of them');
    expect(kept.get('at.out_proj')).toBe('"ln" needs all of them');
  });

  test('are those of every layer that shares a kernel', () => {
    const { lines } = groupsOf((graph) => {
      const a = conv(graph, 'a', graph.images, 3);
      const layer = { kernel: [1, 1], stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1] } as const;
      const shared = {
        kind: 'convolution',
        weight: 'w.weight',
        bias: null,
        inputs: 3,
        outputs: 3,
        groups: 1,
        ...layer,
      } as const;
      const b = graph.add('b', [a], shared, 3);
      return graph.add('c', [graph.relu('relu', b)], shared, 3);
    });
    expect(lines).toEqual(['3: a output 0; w output 0; w input 0; head input 0']);
  });
});
