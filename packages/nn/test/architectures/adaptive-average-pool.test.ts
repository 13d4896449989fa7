import { type NdArray, ndArray, randomStream, type Weights } from '@espalier/core';
import { networkModel } from '@espalier/nn';
import { adaptiveAveragePool, GraphBuilder } from '@espalier/nn/architectures';
import { expect, test } from 'vitest';
import { slowOps } from '../../../engine/test/support/index.ts';

const stream = randomStream(0, 'maps');

/** Pools the images themselves to 3 x 3; a dense layer makes it a classifier. */
function pooling(height: number, width: number) {
  const graph = new GraphBuilder();
  const pooled = adaptiveAveragePool(graph, 'pool', graph.images, [height, width], 3);
  const flat = graph.reshape('flat', pooled, [27]);
  return graph.network('pooling', graph.dense('head', flat, 2), [pooled.name]);
}

/** PyTorch's definition, place by place. */
function expectedAt(
  image: Float32Array,
  [height, width]: readonly [number, number],
  row: number,
  column: number,
  c: number,
): number {
  const [top, bottom] = [Math.floor((row * height) / 3), Math.ceil(((row + 1) * height) / 3)];
  const [left, right] = [Math.floor((column * width) / 3), Math.ceil(((column + 1) * width) / 3)];
  let sum = 0;
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += image[(y * width + x) * 3 + c]!;
  return sum / ((bottom - top) * (right - left));
}

test('windows divide a map of any size', async () => {
  const ops = slowOps();
  const weights: Weights = new Map<string, NdArray>([
    [
      'head.weight',
      ndArray(
        'o i',
        [2, 27],
        Float32Array.from({ length: 54 }, () => stream.normal()),
      ),
    ],
    ['head.bias', ndArray('o', [2])],
  ]);
  for (const size of [
    [1, 2],
    [6, 9],
    [4, 5],
    [8, 7],
    [10, 3],
  ] as const) {
    const [height, width] = size;
    const input = { height, width, channels: 3, mean: [0, 0, 0], std: [1, 1, 1] };
    const compute = { inference: 'exact', training: 'exact' } as const;
    using model = networkModel({
      ops,
      compute,
      network: pooling(height, width),
      spec: { input, classes: ['a', 'b'] },
      weights,
      masks: new Map(),
      history: [],
    });
    const image = ndArray('n h w c', [1, height, width, 3]).data.map(() => stream.uniform());
    const images = ndArray('n h w c', [1, height, width, 3], image);
    const pooled = await model.activations(images, 'pool');
    for (let place = 0; place < 27; place++) {
      const [row, column, c] = [Math.floor(place / 9), Math.floor(place / 3) % 3, place % 3];
      expect(pooled.data[place]).toBeCloseTo(expectedAt(image, size, row, column, c), 6);
    }
  }
});
