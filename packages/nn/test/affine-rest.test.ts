import { expect, test } from 'vitest';
import { affineRests } from '../src/graph/affine-rest.ts';
import type { Network, Node } from '../src/graph/network.ts';

const node = (name: string, kind: string, ...inputs: string[]) =>
  ({ name, inputs, layer: { kind } }) as unknown as Node;
const rests = (...nodes: Node[]) => [...affineRests({ nodes, output: nodes.at(-1)!.name } as unknown as Network)];

test('behind the last bend, pooling and dense layers are affine', () => {
  const found = rests(
    node('conv', 'convolution', 'images'),
    node('relu', 'relu', 'conv'),
    node('pool', 'mean', 'relu'),
    node('fc', 'dense', 'pool'),
  );
  expect(found).toEqual(['relu', 'pool', 'fc']);
});

test('a value with a way to the logits over a bend is none, whatever its other ways are', () => {
  const found = rests(
    node('conv', 'convolution', 'images'),
    node('relu', 'relu', 'conv'),
    node('sum', 'add', 'relu', 'conv'),
    node('fc', 'dense', 'sum'),
  );
  expect(found).toEqual(['relu', 'sum', 'fc']);
});

test('products of two values of the images bend, products with parameters do not', () => {
  const scaled = rests(
    node('conv', 'convolution', 'images'),
    node('scale', 'parameter'),
    node('product', 'multiply', 'conv', 'scale'),
  );
  expect(scaled).toContain('conv');
  const gated = rests(
    node('conv', 'convolution', 'images'),
    node('gate', 'dense', 'conv'),
    node('product', 'multiply', 'conv', 'gate'),
  );
  expect(gated).toEqual(['product']);
});

test('max pooling, softmax and normalisation over features bend', () => {
  for (const kind of ['max-pool', 'softmax', 'layer-norm', 'activation'])
    expect(rests(node('a', 'convolution', 'images'), node('b', kind, 'a'), node('c', 'dense', 'b'))).toEqual([
      'b',
      'c',
    ]);
});
