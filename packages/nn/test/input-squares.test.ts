import { ndArray, randomStream, sizeOf } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { engines } from '../../engine/test/support/index.ts';
import type { Network, Node } from '../src/graph/network.ts';
import { parametersOf } from '../src/graph/parameters.ts';
import { networkModel } from '../src/model/network-model.ts';
import { cases } from './layer-cases.ts';
import { smallClasses, smallImages, smallInput, smallNetwork, smallWeights } from './small-network.ts';

/** Alone, and not fused with what follows: that is for evaluation only. */
const kernels = cases.filter(
  ({ nodes: [node, ...more] }) =>
    more.length === 0 && (node?.layer.kind === 'convolution' || node?.layer.kind === 'dense') && !node.layer.end,
);
const images = 3;

describe.each(engines)('$name$reason:', ({ ops: engine }) => {
  const ops = engine!; // only used where the tests below are not skipped

  test.skipIf(!engine).each(kernels)('as the loops of the definition have them: $name', async (one) => {
    const { model, pixels, layer } = modelOf(one);
    using made = model(ops);
    const found = (await made.inputSquares(pixels)).get('kernel')!;
    const slow = slowSquares(layer, pixels.data, one.size);
    expect(found.data.length).toBe(slow.length);
    for (const [i, square] of slow.entries()) expect(found.data[i]! / square).toBeCloseTo(1, 4);
  });

  test.skipIf(!engine)(
    'in parts of a batch as in the whole, of every kernel and nothing else, in its own layout',
    async () => {
      const parts = {
        network: smallNetwork,
        spec: { input: smallInput, classes: smallClasses },
        weights: smallWeights(),
      };
      using model = networkModel({ ...parts, ops, compute, masks: new Map(), history: [] });
      const squares = await model.inputSquares(smallImages(2));
      expect([...squares].map(([name, { shape }]) => [name, shape])).toEqual(
        model.parameters.filter(({ role }) => role === 'kernel').map(({ name, shape }) => [name, shape]),
      );
      const means = await model.activations(smallImages(2), 'means');
      const row = [0, 1, 2, 3, 4, 5].map((d) => (means.data[d]! ** 2 + means.data[6 + d]! ** 2) / 2);
      const head = squares.get('head.weight')!.data;
      for (const [i, value] of head.entries()) expect(value / row[i % 6]!).toBeCloseTo(1, 4);
    },
  );
});

const compute = { inference: 'exact', training: 'exact' } as const;
type Kernel = Extract<Node['layer'], { readonly kind: 'convolution' | 'dense' }>;

/** The one layer of a case on raw pixels, with a mean over space and a head behind it, which gives the logits. */
function modelOf({ nodes, size }: (typeof kernels)[number]) {
  const [node] = nodes as readonly [Node<Kernel>]; // filtered
  const [height, width, channels] = size;
  const { outputs } = node.layer;
  const after: readonly Node[] = [
    { name: 'means', inputs: [node.name], layer: { kind: 'mean', axes: [0, 1], keepsAxes: false } },
    {
      name: 'head',
      inputs: ['means'],
      layer: { kind: 'dense', weight: 'head', axes: 'o i', bias: null, inputs: outputs, outputs: 2 },
    },
  ];
  const network: Network = { architecture: 'one layer', nodes: [node, ...after], output: 'head', stages: [] };
  const stream = randomStream(5, node.layer.kind);
  const drawn = (shape: readonly number[]) => Float32Array.from({ length: sizeOf(shape) }, () => stream.normal());
  const weights = new Map(
    parametersOf(network).map(({ name, shape }) => [
      name,
      ndArray(shape.map((_, i) => `a${i}`).join(' '), shape, drawn(shape)),
    ]),
  );
  const zeros = Array<number>(channels).fill(0);
  const input = { height, width, channels, mean: zeros, std: zeros.map(() => 1) };
  const spec = { input, classes: ['a', 'b'] };
  return {
    layer: node.layer,
    pixels: ndArray('n h w c', [images, ...size], drawn([images, ...size])),
    model: (ops: Parameters<typeof networkModel>[0]['ops']) =>
      networkModel({ ops, compute, network, spec, weights, masks: new Map(), history: [] }),
  };
}

/** For each weight in PyTorch's layout: every product that it is in, one at a time. */
function slowSquares(layer: Kernel, x: Float32Array, [height, width, channels]: readonly number[]): number[] {
  const pixel = (n: number, y: number, column: number, c: number) =>
    y < 0 || y >= height! || column < 0 || column >= width!
      ? 0
      : x[((n * height! + y) * width! + column) * channels! + c]!;
  const squares: number[] = [];
  const isDense = layer.kind === 'dense';
  const groups = isDense ? 1 : layer.groups;
  const [rows, columns] = isDense ? [1, 1] : layer.kernel;
  const { stride, padding, dilation } = isDense ? { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1] } : layer;
  const placesOf = (length: number, axis: 0 | 1, size: number) =>
    Math.floor(
      (length + padding[2 * axis]! + padding[2 * axis + 1]! - dilation[axis]! * (size - 1) - 1) / stride[axis]!,
    ) + 1;
  const [ys, xs] = [placesOf(height!, 0, rows), placesOf(width!, 1, columns)];
  const squareOf = (c: number, ky: number, kx: number) => {
    let sum = 0;
    for (let n = 0; n < images; n++)
      for (let y = 0; y < ys; y++)
        for (let place = 0; place < xs; place++) {
          const [row, column] = [y * stride[0]! + ky * dilation[0]!, place * stride[1]! + kx * dilation[1]!];
          sum += pixel(n, row - padding[0]!, column - padding[2]!, c) ** 2;
        }
    return sum / (images * ys * xs);
  };
  const inputsFirst = isDense && layer.axes === 'i o';
  const [outer, inner] = inputsFirst ? [layer.inputs, layer.outputs] : [layer.outputs, layer.inputs / groups];
  for (let a = 0; a < outer; a++)
    for (let b = 0; b < inner; b++)
      for (let ky = 0; ky < rows; ky++)
        for (let kx = 0; kx < columns; kx++) {
          const [o, i] = inputsFirst ? [b, a] : [a, b];
          squares.push(squareOf(Math.floor(o / (layer.outputs / groups)) * (layer.inputs / groups) + i, ky, kx));
        }
  return squares;
}
