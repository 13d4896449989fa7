import { type InputSpec, type NdArray, ndArray, randomStream, sizeOf, type Weights } from '@espalier/core';
import type { Network, Node } from '../src/graph/network.ts';
import { parametersOf } from '../src/graph/parameters.ts';

/** Strides, an identity and a projected shortcut: a ResNet in small. */
export const smallNetwork: Network = {
  architecture: 'small',
  nodes: [
    ...convolution('stem', 'images', 3, 4, { size: 3, stride: 2, padding: 1 }),
    relu('stem', 'stem.norm'),
    { name: 'pool', inputs: ['stem'], layer: { kind: 'max-pool', ...windowOf({ size: 3, stride: 2, padding: 1 }) } },
    ...convolution('a.1', 'pool', 4, 4, { size: 3, stride: 1, padding: 1 }),
    relu('a.1', 'a.1.norm'),
    ...convolution('a.2', 'a.1', 4, 4, { size: 3, stride: 1, padding: 1 }),
    { name: 'a.sum', inputs: ['a.2.norm', 'pool'], layer: { kind: 'add' } },
    relu('a', 'a.sum'),
    ...convolution('b.1', 'a', 4, 6, { size: 3, stride: 2, padding: 1 }),
    relu('b.1', 'b.1.norm'),
    ...convolution('b.2', 'b.1', 6, 6, { size: 3, stride: 1, padding: 1 }),
    ...convolution('b.0', 'a', 4, 6, { size: 1, stride: 2, padding: 0 }),
    { name: 'b.sum', inputs: ['b.2.norm', 'b.0.norm'], layer: { kind: 'add' } },
    relu('blocks', 'b.sum'),
    { name: 'means', inputs: ['blocks'], layer: { kind: 'mean', axes: [0, 1], keepsAxes: false } },
    {
      name: 'head',
      inputs: ['means'],
      layer: { kind: 'dense', weight: 'head.weight', bias: 'head.bias', axes: 'o i', inputs: 6, outputs: 3 },
    },
  ],
  output: 'head',
  stages: ['stem', 'pool', 'blocks'],
};

export const smallInput: InputSpec = {
  height: 16,
  width: 12,
  channels: 3,
  mean: [0.4, 0.5, 0.6],
  std: [0.2, 0.25, 0.3],
};

export const smallClasses = ['square', 'disc', 'cross'] as const;

export function smallWeights(seed = 0): Weights {
  return new Map(
    parametersOf(smallNetwork).map(({ name, shape, role }): [string, NdArray] => {
      const stream = randomStream(seed, name);
      const around = role === 'scale' || name.endsWith('_var') ? 1 : 0;
      const spread = role === 'kernel' ? Math.sqrt(2 / sizeOf(shape.slice(1))) : 0.1;
      const draw = () => around + spread * stream.normal();
      const data = Float32Array.from({ length: sizeOf(shape) }, shape.length === 0 ? () => 7 : draw);
      return [name, ndArray(['', 'o', 'o i', '', 'o i h w'][shape.length]!, shape, data)];
    }),
  );
}

export function smallImages(count: number, seed = 0): NdArray<'n h w c'> {
  const shape = [count, smallInput.height, smallInput.width, smallInput.channels];
  const stream = randomStream(seed, 'images');
  return ndArray(
    'n h w c',
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => stream.uniform()),
  );
}

interface SquareWindow {
  readonly size: number;
  readonly stride: number;
  readonly padding: number;
}

/** A convolution and its BatchNorm, `<name>.norm`. */
function convolution(name: string, from: string, inputs: number, outputs: number, window: SquareWindow): Node[] {
  const norm = `${name}.norm`;
  const channels = { inputs, outputs, groups: 1, dilation: [1, 1] as const };
  return [
    {
      name: `${name}.conv`,
      inputs: [from],
      layer: { kind: 'convolution', weight: `${name}.conv.weight`, bias: null, ...channels, ...windowOf(window) },
    },
    {
      name: norm,
      inputs: [`${name}.conv`],
      layer: {
        kind: 'batch-norm',
        channels: outputs,
        scale: `${norm}.weight`,
        shift: `${norm}.bias`,
        mean: `${norm}.running_mean`,
        variance: `${norm}.running_var`,
        count: `${norm}.num_batches_tracked`,
        epsilon: 1e-5,
        momentum: 0.1,
      },
    },
  ];
}

function relu(name: string, from: string): Node {
  return { name, inputs: [from], layer: { kind: 'relu' } };
}

function windowOf({ size, stride, padding }: SquareWindow) {
  return {
    kernel: [size, size] as const,
    stride: [stride, stride] as const,
    padding: [padding, padding, padding, padding] as const,
  };
}
