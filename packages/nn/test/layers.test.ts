import { ndArray, randomStream, rows, sizeOf, type Weights } from '@espalier/core';
import type { Ops } from '@espalier/engine';
import { describe, expect, test } from 'vitest';
import { engines, slowOps } from '../../engine/test/support/index.ts';
import { EvaluationNetwork } from '../src/evaluation/evaluation-network.ts';
import type { Network } from '../src/graph/network.ts';
import { deviceParametersOf, fromDevice } from '../src/graph/parameters.ts';
import { shapesOf } from '../src/graph/shapes-of.ts';
import { type Case, cases } from './layer-cases.ts';

const count = 3;

function networkOf({ nodes }: Case): Network {
  return { architecture: 'one layer', nodes, output: nodes.at(-1)!.name, stages: [] };
}

function drawn(shape: readonly number[], seed: string, scale = 1) {
  const stream = randomStream(11, seed);
  const axes = shape.map((_, i) => `a${i}`).join(' ');
  return ndArray(
    axes,
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => scale * stream.normal()),
  );
}

function weightsOf(one: Case): Weights {
  return new Map(
    deviceParametersOf(networkOf(one)).map(({ name, shape, role }) => {
      const array = drawn(shape, name, 0.5);
      return [name, role === 'scale' ? { ...array, data: array.data.map((value) => 1 + value) } : array];
    }),
  );
}

interface Results {
  readonly value: Float32Array;
  readonly inputGradient: Float32Array;
  readonly parameters: ReadonlyMap<string, Float32Array>;
}

/** The value of the last node, and the gradients of sum(upstream * value). */
function computed(
  ops: Ops,
  one: Case,
  images = drawn([count, ...one.size], 'images'),
  weights = weightsOf(one),
): Results {
  const network = networkOf(one);
  const [height, width, channels] = one.size;
  const shapes = shapesOf(network, { height, width, channels });
  using evaluation = new EvaluationNetwork({ ops, network, weights, shapes, dtype: 'float32' });
  const form = evaluation.formWithParameters();
  const upstream = upstreamOf(one, images.shape[0]!);
  const known = new Map(deviceParametersOf(network).map((parameter) => [parameter.name, parameter]));
  const parameters = new Map<string, Float32Array>();
  return ops.scope(() => {
    const x = ops.upload(images.data, images.shape);
    const dy = () => ops.upload(upstream.data, upstream.shape);
    form.parameterGradients(x, dy, (name, gradient) => {
      parameters.set(name, fromDevice(known.get(name)!, ops.download(gradient)));
    });
    return {
      value: ops.download(form.value(x)),
      inputGradient: ops.download(form.gradient(x, dy())),
      parameters,
    };
  });
}

function upstreamOf(one: Case, images: number) {
  const [height, width, channels] = one.size;
  const network = networkOf(one);
  const shape = shapesOf(network, { height, width, channels }).get(network.output)!;
  return rows(drawn([count, ...shape], 'upstream'), 0, images);
}

function weightedSum(one: Case, images: ReturnType<typeof drawn>, weights: Weights): number {
  const { data } = upstreamOf(one, count);
  return computed(slowOps(), one, images, weights).value.reduce((sum, value, i) => sum + value * data[i]!, 0);
}

function expectAlike(found: Float32Array, expected: Float32Array, tolerance: number): void {
  expect(found.length).toBe(expected.length);
  const size = Math.sqrt(expected.reduce((sum, value) => sum + value * value, 0) / expected.length);
  const worst = found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
  expect(worst).toBeLessThanOrEqual(tolerance * Math.max(size, 1e-6));
}

describe.each(cases)('$name', (one) => {
  const slow = computed(slowOps(), one);

  test('its value is what its definition says', () => {
    if (one.expected)
      expectAlike(slow.value, one.expected(drawn([count, ...one.size], 'images'), weightsOf(one)), 1e-5);
    expect(slow.value.every(Number.isFinite)).toBe(true);
  });

  test('its gradients are the slopes of its value', () => {
    const images = drawn([count, ...one.size], 'images');
    const step = 2 ** -9;
    const slopeOf = (at: (change: number) => number) => (at(step) - at(-step)) / (2 * step);
    for (const index of [0, Math.floor(images.data.length / 3), images.data.length - 2]) {
      const slope = slopeOf((change) => {
        const data = images.data.with(index, images.data[index]! + change);
        return weightedSum(one, { ...images, data }, weightsOf(one));
      });
      expect(slow.inputGradient[index], `input ${index}`).toBeCloseTo(slope, 1);
    }
    for (const [name, gradient] of slow.parameters) {
      const index = gradient.length >> 1;
      const slope = slopeOf((change) => {
        const weights = weightsOf(one);
        weights.get(name)!.data[index]! += change;
        return weightedSum(one, images, weights);
      });
      expect(gradient[index], `${name}[${index}]`).toBeCloseTo(slope, 1);
    }
  });

  for (const { name, ops, reason } of engines) {
    test.skipIf(!ops)(`${name} computes what the slow twin does${reason}`, () => {
      const before = ops!.live;
      const found = computed(ops!, one);
      expectAlike(found.value, slow.value, 1e-4);
      expectAlike(found.inputGradient, slow.inputGradient, 1e-4);
      expect([...found.parameters.keys()].sort()).toEqual([...slow.parameters.keys()].sort());
      for (const [parameter, gradient] of slow.parameters)
        expectAlike(found.parameters.get(parameter)!, gradient, 1e-4);
      expect(ops!.live).toBe(before);
    });
  }

  test('on wasm an image has the same bits whatever else is in its batch', () => {
    const { ops } = engines.find(({ name }) => name === 'wasm')!;
    const images = drawn([count, ...one.size], 'images');
    const whole = computed(ops!, one, images);
    const alone = computed(ops!, one, rows(images, 0, 1));
    expect(whole.value.subarray(0, alone.value.length)).toEqual(alone.value);
    expect(whole.inputGradient.subarray(0, alone.inputGradient.length)).toEqual(alone.inputGradient);
  });
});
