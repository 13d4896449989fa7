import { type InputSpec, type NdArray, ndArray, randomStream, sizeOf, type Weights } from '@espalier/core';
import { type ConvolutionLayer, type Network, parametersOf } from '../src/network.ts';

/** Every layer kind once, with strides, an identity and a projected shortcut: a ResNet in small. */
export const smallNetwork: Network = {
  architecture: 'small',
  stages: [
    { layer: convolution('stem', 3, 4, { size: 3, stride: 2, padding: 1 }), output: 'stem' },
    { layer: { kind: 'max-pool', size: 3, stride: 2, padding: 1 }, output: 'pool' },
    {
      layer: {
        kind: 'residual',
        body: [
          convolution('a.1', 4, 4, { size: 3, stride: 1, padding: 1 }),
          convolution('a.2', 4, 4, { size: 3, stride: 1, padding: 1, relu: false }),
        ],
        shortcut: null,
      },
    },
    {
      layer: {
        kind: 'residual',
        body: [
          convolution('b.1', 4, 6, { size: 3, stride: 2, padding: 1 }),
          convolution('b.2', 6, 6, { size: 3, stride: 1, padding: 1, relu: false }),
        ],
        shortcut: convolution('b.0', 4, 6, { size: 1, stride: 2, padding: 0, relu: false }),
      },
      output: 'blocks',
    },
  ],
  classifier: { kind: 'classifier', name: 'head', inputs: 6, outputs: 3 },
  batchNorm: { epsilon: 1e-5, momentum: 0.1 },
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

function convolution(
  name: string,
  inputs: number,
  outputs: number,
  window: { size: number; stride: number; padding: number; relu?: boolean },
): ConvolutionLayer {
  return { kind: 'convolution', name: `${name}.conv`, norm: `${name}.norm`, inputs, outputs, relu: true, ...window };
}
