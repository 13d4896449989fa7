import { type NdArray, ndArray, randomStream, sizeOf, type Weights } from '@espalier/core';
import type { Activation, Ops } from '@espalier/engine';
import { describe, expect, test } from 'vitest';
import { engines } from '../../engine/test/support/index.ts';
import { GraphBuilder } from '../src/building/graph-builder.ts';
import { EvaluationNetwork } from '../src/evaluation/evaluation-network.ts';
import { fused } from '../src/fusing/fused.ts';
import type { Network } from '../src/graph/network.ts';
import { parametersOf } from '../src/graph/parameters.ts';
import { shapesOf } from '../src/graph/shapes-of.ts';

const size = { height: 6, width: 6, channels: 3 };
const images = drawn([3, 6, 6, 3], 'images');
const relu6: Activation = { kind: 'clip', least: 0, most: 6 };

function drawn(shape: readonly number[], seed: string, deviation = 1): NdArray {
  const stream = randomStream(5, seed);
  const values = Float32Array.from({ length: sizeOf(shape) }, () => deviation * stream.normal());
  return ndArray(shape.map((_, i) => `a${i}`).join(' '), shape, values);
}

function weightsOf(network: Network): Weights {
  return new Map(
    parametersOf(network).map(({ name, shape }) => {
      const { data, ...array } = drawn(shape, name, 0.4);
      return [name, { ...array, data: name.endsWith('running_var') ? data.map((x) => 0.5 + x * x) : data }];
    }),
  );
}

/** A convolution, a depthwise one, a sum and two dense layers, each with `f` after it. */
function networkWith(f: Activation | 'relu'): Network {
  const graph = new GraphBuilder();
  const ended = (name: string, x: ReturnType<typeof graph.relu>) =>
    f === 'relu' ? graph.relu(name, x) : graph.activation(name, x, f);
  const wide = graph.convolution('wide', graph.images, 8, { kernel: 3, padding: 1 });
  const a = ended('a', graph.batchNorm('norm', wide));
  const b = ended('b', graph.convolution('deep', a, 8, { kernel: 3, padding: 1, groups: 8, bias: true }));
  const c = ended('c', graph.sum('sum', graph.convolution('narrow', b, 8, { kernel: 1 }), a));
  const d = ended('d', graph.dense('first', graph.globalMean('means', c), 16));
  return graph.network('ended', graph.dense('last', d, 3), []);
}

function evaluationOf(ops: Ops, network: Network): EvaluationNetwork {
  return new EvaluationNetwork({
    ops,
    network,
    weights: weightsOf(network),
    shapes: shapesOf(network, size),
    dtype: 'float32',
  });
}

function namesOf(f: Activation | 'relu'): readonly string[] {
  const network = networkWith(f);
  const made = fused({ network, weights: weightsOf(network) }, shapesOf(network, size), new Set());
  return made.network.nodes.map(({ name }) => name);
}

describe('fusing', () => {
  test('puts what an engine does faster in one pass into one node', () => {
    expect(namesOf('relu')).toEqual(['a', 'b', 'c', 'means', 'd', 'last']);
    expect(namesOf(relu6)).toEqual(['a', 'b', 'sum', 'c', 'means', 'first', 'd', 'last']);
    const gelu = ['norm', 'a', 'deep', 'b', 'sum', 'c', 'means', 'd', 'last'];
    expect(namesOf({ kind: 'gelu', approximation: 'none' })).toEqual(gelu);
    expect(namesOf({ kind: 'gelu', approximation: 'tanh' })).toEqual(gelu);
    expect(namesOf({ kind: 'silu' })).toEqual(['norm', 'a', 'deep', 'b', 'sum', 'c', 'means', 'first', 'd', 'last']);
  });

  test('leaves a value alone that is asked for, or that two layers read', () => {
    const graph = new GraphBuilder();
    const deep = graph.convolution('deep', graph.images, 8, { kernel: 1, bias: true });
    const twice = graph.sum('twice', graph.relu('positive', deep), deep);
    const first = graph.dense('first', graph.globalMean('means', twice), 16);
    const hidden = graph.activation('hidden', first, { kind: 'gelu', approximation: 'none' });
    const network = graph.network('asked', graph.dense('last', hidden, 3), []);
    const made = fused({ network, weights: weightsOf(network) }, shapesOf(network, size), new Set(['first']));
    expect(made.network.nodes.map(({ name }) => name)).toEqual(network.nodes.map(({ name }) => name));
  });

  const functions = [
    'relu',
    relu6,
    { kind: 'gelu', approximation: 'none' },
    { kind: 'gelu', approximation: 'tanh' },
  ] as const;
  for (const { name, ops, reason } of engines) {
    test.skipIf(!ops).each(functions)(`changes on ${name} no more than rounding does: %o${reason}`, (f) => {
      using evaluation = evaluationOf(ops!, networkWith(f));
      const upstream = drawn([3, 3], 'upstream');
      const [found, expected] = [evaluation.formWith(), evaluation.formWithParameters()].map((form) =>
        ops!.scope(() => {
          const x = ops!.upload(images.data, images.shape);
          const dy = () => ops!.upload(upstream.data, upstream.shape);
          const ofA = form.gradient(x, dy(), 'a');
          return [form.value(x), form.value(x, 'a'), form.gradient(x, dy()), ofA].map((each) => ops!.download(each));
        }),
      );
      found!.forEach((values, i) => {
        const largest = expected![i]!.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        values.forEach((value, at) => {
          expect(Math.abs(value - expected![i]![at]!)).toBeLessThanOrEqual(4e-6 * largest);
        });
      });
    });
  }
});
