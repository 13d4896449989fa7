import { randomStream, sizeOf } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import type { Ops, Tensor } from '../src/ops.ts';
import { activations } from './activations.ts';
import { slowOps } from './support/slow/slow-ops.ts';

type Inputs = readonly [Tensor, ...Tensor[]];

/** A function of tensors, and its gradients with respect to the first of them. */
interface Case {
  readonly name: string;
  readonly shapes: readonly (readonly number[])[];
  readonly f: (ops: Ops, inputs: Inputs) => Tensor;
  readonly gradients: (ops: Ops, dy: Tensor, inputs: Inputs) => readonly Tensor[];
}

const window = { stride: 2, padding: 1 };
const steps = [1, 2, 3];
const begin = [0, 1, 0];
const norm = { name: 'layerNorm', shapes: [[3, 5], [5], [5]] };

const cases: readonly Case[] = [
  {
    name: 'a convolution whose kernel is not square',
    shapes: [
      [2, 4, 5, 3],
      [3, 2, 3, 2],
    ],
    f: (ops, [x, kernel]) => ops.convolve(x, kernel!, window),
    gradients: (ops, dy, [x, kernel]) => [
      ops.convolveInputGradient(dy, kernel!, window, x.shape),
      ops.convolveKernelGradient(dy, x, window, kernel!.shape),
    ],
  },
  {
    name: 'a depthwise convolution with two kernels a channel',
    shapes: [
      [2, 4, 5, 3],
      [3, 3, 3, 2],
    ],
    f: (ops, [x, kernel]) => ops.convolveDepthwise(x, kernel!, window),
    gradients: (ops, dy, [x, kernel]) => [
      ops.convolveDepthwiseInputGradient(dy, kernel!, window, x.shape),
      ops.convolveDepthwiseKernelGradient(dy, x, window, kernel!.shape),
    ],
  },
  ...activations.map((activation) => ({
    name: Object.values(activation).join(' '),
    shapes: [[9, 5]],
    f: (ops: Ops, [x]: Inputs) => ops.activate(x, activation),
    gradients: (ops: Ops, dy: Tensor, [x]: Inputs) => [ops.activateGradient(dy, x, activation)],
  })),
  {
    name: 'softmax',
    shapes: [[3, 5]],
    f: (ops, [x]) => ops.softmax(x),
    gradients: (ops, dy, [x]) => [ops.softmaxGradient(dy, ops.softmax(x))],
  },
  {
    ...norm,
    f: (ops, [x, scale, shift]) => ops.layerNorm(x, scale!, shift!, 0.1),
    gradients: (ops, dy, [x, scale]) => {
      const { dx, dScale, dShift } = ops.layerNormGradient(dy, x, scale!, 0.1);
      return [dx, dScale, dShift];
    },
  },
  {
    name: 'add, repeated',
    shapes: [
      [1, 3, 1],
      [2, 3, 4],
    ],
    f: (ops, [a, b]) => ops.add(a, b!),
    gradients: (ops, dy, [a, b]) => [ops.sumTo(dy, a.shape), ops.sumTo(dy, b!.shape)],
  },
  {
    name: 'every n-th',
    shapes: [[2, 3, 7]],
    f: (ops, [x]) => ops.everyNth(x, steps),
    gradients: (ops, dy, [x]) => [ops.spread(dy, steps, x.shape)],
  },
  {
    name: 'slice and pad',
    shapes: [[2, 3, 4]],
    f: (ops, [x]) => ops.slice(x, begin, [2, 2, 3]),
    gradients: (ops, dy) => [
      ops.pad(dy, [
        [0, 0],
        [1, 0],
        [0, 1],
      ]),
    ],
  },
  {
    name: 'products of matrices',
    shapes: [
      [2, 3, 4],
      [2, 5, 4],
    ],
    f: (ops, [a, b]) => ops.batchedMatmul(a, b!, { b: true }),
    gradients: (ops, dy, [a, b]) => [ops.batchedMatmul(dy, b!), ops.batchedMatmul(dy, a, { a: true })],
  },
];

/** The values lie between the bends, which are at eighths; a step is exact in float32. */
const step = 2 ** -7;
const beside = 2 ** -4;

describe('a gradient of the slow engine is what differences are', () => {
  const ops = slowOps();

  test.each(cases)('$name', ({ name, shapes, f, gradients }) => {
    const stream = randomStream(3, name);
    const data = shapes.map((shape) =>
      Float32Array.from({ length: sizeOf(shape) }, () => Math.round(12 * stream.normal()) / 8 + beside),
    );
    const tensors = (values: readonly Float32Array[]) =>
      values.map((each, i) => ops.upload(each, shapes[i]!)) as unknown as Inputs; // no case has none
    ops.scope(() => {
      const shape = f(ops, tensors(data)).shape;
      const dy = Float32Array.from({ length: sizeOf(shape) }, () => stream.normal());
      const value = (values: readonly Float32Array[]) =>
        ops.download(f(ops, tensors(values))).reduce((sum, y, i) => sum + y * dy[i]!, 0);
      const moved = (which: number, place: number, by: number) =>
        data.map((each, i) => (i === which ? each.with(place, each[place]! + by) : each));
      const found = gradients(ops, ops.upload(dy, shape), tensors(data));
      found.forEach((gradient, which) => {
        const differences = [...data[which]!.keys()].map(
          (place) => (value(moved(which, place, step)) - value(moved(which, place, -step))) / (2 * step),
        );
        const worst = Math.max(...ops.download(gradient).map((slope, i) => Math.abs(slope - differences[i]!)));
        expect(worst, `gradient ${which}`).toBeLessThan(1e-3);
      });
    });
  });
});
