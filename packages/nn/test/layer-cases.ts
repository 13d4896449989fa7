import type { NdArray, Weights } from '@espalier/core';
import type { Activation } from '@espalier/engine';
import type { Node } from '../src/graph/network.ts';
import type { Layer } from '../src/layers/layer.ts';
import type { End } from '../src/layers/values/end.ts';
import type { ConvolutionLayer } from '../src/layers/windows/convolution-layer.ts';

/** A few nodes over a small image, the last of which is tested. */
export interface Case {
  readonly name: string;
  readonly size: readonly [height: number, width: number, channels: number];
  readonly nodes: readonly Node[];
  /** The value by the definition, where that is one line. */
  readonly expected?: (images: NdArray, weights: Weights) => Float32Array;
}

const size = [5, 6, 4] as const;

function alone(name: string, layer: Layer, more: Partial<Case> = {}): Case {
  return { name, size, nodes: [{ name: 'y', inputs: ['images'], layer }], ...more };
}

/** `layer` over two halves of the channels. */
function ofHalves(name: string, layer: Layer, more: readonly Node[] = [], inputs = ['a', 'b']): Case {
  return {
    name,
    size,
    nodes: [
      { name: 'a', inputs: ['images'], layer: { kind: 'slice', axis: 2, start: 0, end: 2 } },
      { name: 'b', inputs: ['images'], layer: { kind: 'slice', axis: 2, start: 2, end: 4 } },
      ...more,
      { name: 'y', inputs, layer },
    ],
  };
}

function convolution(name: string, changes: Partial<ConvolutionLayer>): Case {
  const layer: ConvolutionLayer = {
    kind: 'convolution',
    weight: 'kernel',
    bias: 'bias',
    inputs: 4,
    outputs: 6,
    kernel: [3, 3],
    stride: [1, 1],
    padding: [1, 1, 1, 1],
    dilation: [1, 1],
    groups: 1,
    ...changes,
  };
  return alone(`convolution, ${name}`, layer);
}

const convolutions: readonly Case[] = [
  convolution('plain', {}),
  convolution('without bias, strides of 2', { bias: null, stride: [2, 2] }),
  convolution('relu with it', { end: { kind: 'relu' } }),
  convolution('clip with it', { end: { kind: 'activation', function: { kind: 'clip', least: 0, most: 0.7 } } }),
  convolution('silu with it, uneven borders', {
    padding: [1, 0, 1, 1],
    end: { kind: 'activation', function: { kind: 'silu' } },
  }),
  convolution('uneven borders', { padding: [0, 1, 2, 0] }),
  convolution('uneven strides', { stride: [1, 2] }),
  convolution('a row of 5', { kernel: [1, 5], padding: [0, 0, 2, 2] }),
  convolution('dilation', { dilation: [2, 1], padding: [2, 2, 1, 1] }),
  convolution('groups', { groups: 2 }),
  convolution('depthwise', { groups: 4, outputs: 4 }),
  convolution('depthwise with two outputs each, uneven borders and strides of 2', {
    groups: 4,
    outputs: 8,
    stride: [2, 2],
    padding: [0, 1, 0, 1],
  }),
  {
    name: 'convolution, residual and relu with it',
    size,
    nodes: [
      { name: 'r', inputs: ['images'], layer: { kind: 'scale', factor: 0.5 } },
      {
        name: 'y',
        inputs: ['images', 'r'],
        layer: {
          ...(convolution('', { outputs: 4 }).nodes[0]!.layer as ConvolutionLayer), // just made
          residual: true,
          end: { kind: 'relu' },
        },
      },
    ],
  },
];

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const clip = (x: number, least: number, most: number) => Math.min(most, Math.max(least, x));

const activations: readonly (readonly [Activation, (x: number) => number])[] = [
  [{ kind: 'clip', least: -0.5, most: 0.7 }, (x) => clip(x, -0.5, 0.7)],
  [{ kind: 'clip', least: 0, most: Number.POSITIVE_INFINITY }, (x) => Math.max(0, x)],
  [{ kind: 'sigmoid' }, sigmoid],
  [{ kind: 'hard-sigmoid', slope: 0.2, offset: 0.5 }, (x) => clip(0.2 * x + 0.5, 0, 1)],
  [{ kind: 'hard-swish' }, (x) => x * clip(x / 6 + 0.5, 0, 1)],
  [{ kind: 'silu' }, (x) => x * sigmoid(x)],
  [{ kind: 'tanh' }, Math.tanh],
  [
    { kind: 'gelu', approximation: 'tanh' },
    (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  ],
];

const ends: readonly End[] = [
  { kind: 'relu' },
  { kind: 'activation', function: { kind: 'clip', least: 0, most: 6 } },
  { kind: 'activation', function: { kind: 'gelu', approximation: 'none' } },
  { kind: 'activation', function: { kind: 'gelu', approximation: 'tanh' } },
];

const dense = { kind: 'dense', weight: 'kernel', bias: 'bias', axes: 'o i', inputs: 4, outputs: 3 } as const;

const pool = { kernel: [3, 2], stride: [2, 2], padding: [1, 1, 1, 0] } as const;
const wide = { kernel: [2, 2], stride: [2, 1], padding: [0, 1, 0, 0] } as const;

/** Every kind of layer in its variants. */
export const cases: readonly Case[] = [
  ...convolutions,
  ...activations.map(([f, of]) =>
    alone(
      `activation ${JSON.stringify(f)}`,
      { kind: 'activation', function: f },
      { expected: ({ data }) => data.map(of) },
    ),
  ),
  alone('activation gelu', { kind: 'activation', function: { kind: 'gelu', approximation: 'none' } }),
  alone('relu', { kind: 'relu' }, { expected: ({ data }) => data.map((x) => Math.max(0, x)) }),
  alone('scale', { kind: 'scale', factor: -1.5 }, { expected: ({ data }) => data.map((x) => -1.5 * x) }),
  alone('softmax', { kind: 'softmax' }),
  alone(
    'affine',
    { kind: 'affine', channels: 4, factor: 'factor', offset: 'offset' },
    {
      expected: ({ data }, weights) =>
        data.map((x, i) => x * weights.get('factor')!.data[i % 4]! + weights.get('offset')!.data[i % 4]!),
    },
  ),
  alone('layer norm', { kind: 'layer-norm', size: 4, scale: 'scale', shift: 'shift', epsilon: 1e-3 }),
  ...ends.map((end) => alone(`dense with ${JSON.stringify(end)}`, { ...dense, end })),
  alone('dense', dense),
  alone('dense, inputs first, without bias', {
    kind: 'dense',
    weight: 'kernel',
    bias: null,
    axes: 'i o',
    inputs: 4,
    outputs: 3,
  }),
  alone('max pool', { kind: 'max-pool', ...pool }),
  alone('max pool, equal borders', { kind: 'max-pool', ...pool, padding: [1, 1, 1, 1] }),
  alone('max pool, uneven strides', { kind: 'max-pool', ...wide }),
  alone('average pool', { kind: 'average-pool', ...pool, countsPadding: false, overhang: [0, 0] }),
  alone('average pool that counts its border, with an overhang', {
    kind: 'average-pool',
    ...pool,
    countsPadding: true,
    overhang: [0, 1],
  }),
  alone('global mean', { kind: 'mean', axes: [0, 1], keepsAxes: false }),
  alone('mean over rows, kept', { kind: 'mean', axes: [0], keepsAxes: true }),
  alone('mean over channels', { kind: 'mean', axes: [2], keepsAxes: false }),
  alone('slice', { kind: 'slice', axis: 1, start: 2, end: 5 }),
  alone('gather', { kind: 'gather', axis: 0, indices: [3, 0, 3] }),
  alone('transpose', { kind: 'transpose', permutation: [2, 0, 1] }),
  alone('reshape', { kind: 'reshape', shape: [10, 12] }, { expected: ({ data }) => data }),
  ofHalves('add', { kind: 'add' }),
  ofHalves('multiply', { kind: 'multiply' }),
  ofHalves('concat', { kind: 'concat', axis: 1 }),
  ofHalves(
    'multiply by a number for each channel',
    { kind: 'multiply' },
    [{ name: 'm', inputs: ['b'], layer: { kind: 'mean', axes: [0, 1], keepsAxes: true } }],
    ['a', 'm'],
  ),
  ofHalves(
    'products of matrices',
    { kind: 'matmul', transposesSecond: false },
    [{ name: 't', inputs: ['b'], layer: { kind: 'transpose', permutation: [0, 2, 1] } }],
    ['a', 't'],
  ),
  ofHalves('products of matrices, the second transposed', { kind: 'matmul', transposesSecond: true }),
  ofHalves(
    'sum with a parameter',
    { kind: 'add' },
    [{ name: 'p', inputs: [], layer: { kind: 'parameter', parameter: 'p', shape: [1, 6, 2], role: 'embedding' } }],
    ['a', 'p'],
  ),
  ofHalves(
    'a parameter before the values of every image',
    { kind: 'concat', axis: 0 },
    [{ name: 'p', inputs: [], layer: { kind: 'parameter', parameter: 'p', shape: [1, 6, 2], role: 'embedding' } }],
    ['p', 'a'],
  ),
  ofHalves(
    'product with a constant',
    { kind: 'multiply' },
    [{ name: 'c', inputs: [], layer: { kind: 'constant', shape: [1, 1, 2], values: Float32Array.of(2, -3) } }],
    ['a', 'c'],
  ),
];
