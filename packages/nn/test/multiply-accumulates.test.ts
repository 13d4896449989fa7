import { sizeOf } from '@espalier/core';
import { expect, test } from 'vitest';
import { multiplyAccumulatesOf } from '../src/graph/multiply-accumulates.ts';
import { imagesName, type Network, type Node, type Shape } from '../src/graph/network.ts';
import { parametersOf } from '../src/graph/parameters.ts';
import { shapesOf } from '../src/graph/shapes-of.ts';
import type { DenseLayer } from '../src/layers/products/dense.ts';
import { cases } from './layer-cases.ts';

/** Every product of a layer by the loops of its definition, one at a time. */
function slowProducts({ layer, inputs }: Node, shapes: ReadonlyMap<string, Shape>, output: Shape): number {
  let products = 0;
  const each = (count: number, visit: () => void) => {
    for (let i = 0; i < count; i++) visit();
  };
  if (layer.kind === 'convolution')
    each(output[0]! * output[1]!, () =>
      each(layer.outputs, () =>
        each(layer.kernel[0] * layer.kernel[1], () => each(layer.inputs / layer.groups, () => products++)),
      ),
    );
  if (layer.kind === 'dense')
    each(sizeOf(output.slice(0, -1)), () => each(layer.outputs, () => each(layer.inputs, () => products++)));
  if (layer.kind === 'matmul') {
    const [a, b] = inputs.map((input) => shapes.get(input)!) as [Shape, Shape];
    const columns = layer.transposesSecond ? b.at(-2)! : b.at(-1)!;
    const terms = layer.transposesSecond ? b.at(-1)! : b.at(-2)!;
    each(sizeOf(a.slice(0, -1)), () => each(columns, () => each(terms, () => products++)));
  }
  return products;
}

function total(network: Network, shapes: ReadonlyMap<string, Shape>): number {
  const { perWeight, ofValues } = multiplyAccumulatesOf(network, shapes);
  const ofWeights = parametersOf(network).map(({ name, shape }) => sizeOf(shape) * (perWeight.get(name) ?? 0));
  return ofWeights.reduce((sum, products) => sum + products, ofValues);
}

test.each(cases)('as many as the loops have: $name', ({ nodes, size: [height, width, channels] }) => {
  const network = { architecture: 'one layer', nodes, output: nodes.at(-1)!.name, stages: [] };
  const shapes = shapesOf(network, { height, width, channels });
  const slow = nodes.map((node) => slowProducts(node, shapes, shapes.get(node.name)!));
  expect(total(network, shapes)).toBe(slow.reduce((sum, products) => sum + products, 0));
});

test('a kernel of two layers is counted in both, and what the logits do not need is not', () => {
  const layer: DenseLayer = { kind: 'dense', weight: 'w', axes: 'o i', bias: 'b', inputs: 4, outputs: 4 };
  const nodes: readonly Node[] = [
    { name: 'once', inputs: [imagesName], layer },
    { name: 'unused', inputs: ['once'], layer: { ...layer, weight: 'u', bias: null } },
    { name: 'twice', inputs: ['once'], layer },
  ];
  const network = { architecture: 'shared', nodes, output: 'twice', stages: [] };
  const counted = multiplyAccumulatesOf(network, shapesOf(network, { height: 2, width: 3, channels: 4 }));
  expect(counted).toEqual({ perWeight: new Map([['w', 12]]), ofValues: 0 });
});
