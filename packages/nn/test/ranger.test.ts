import { readFileSync } from 'node:fs';
import { type TrainOptions, trainOptions } from '@espalier/core';
import type { Ops } from '@espalier/engine';
import { describe, expect, test } from 'vitest';
import { engines, slowOps } from '../../engine/test/support/index.ts';
import { deviceShapeOf, fromDevice, toDevice } from '../src/graph/parameters.ts';
import type { Parameter } from '../src/layers/kind.ts';
import { radamRule } from '../src/training/optimizers/adam-rules.ts';
import { Optimizer } from '../src/training/optimizers/optimizer.ts';

/** Made by tools/reference/ranger.py. */
interface Reference {
  readonly learningRate: number;
  readonly cases: readonly {
    readonly shape: readonly number[];
    readonly centralize: boolean;
    readonly weightDecay: number;
    readonly after: Readonly<Record<string, readonly number[]>>;
  }[];
}
const reference = JSON.parse(readFileSync(new URL('fixtures/ranger.json', import.meta.url), 'utf8')) as Reference; // written by the script

const steps = 40;
const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const startOf = (shape: readonly number[]) =>
  Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.cos(0.9 * i + 0.4));
const gradientOf = (shape: readonly number[], step: number) =>
  Float32Array.from(
    { length: sizeOf(shape) },
    (_, i) => Math.sin(0.7 * i + 1.3 * step + 0.1) + 0.2 * Math.cos(0.11 * i * step),
  );

type Case = Pick<Reference['cases'][number], 'shape' | 'centralize' | 'weightDecay'>;

function optionsOf({ centralize, weightDecay }: Case): TrainOptions {
  const optimizer = { name: 'ranger', centralize };
  return trainOptions.parse({ epochs: 1, weightDecay, decayAll: true, optimizer });
}

/** The weights after every step, in PyTorch's order; `breakAfter` saves and goes on from what was saved. */
function run(ops: Ops, one: Case, { mask, breakAfter }: { mask?: Uint8Array; breakAfter?: number } = {}) {
  const order = { 1: [0], 2: [1, 0], 4: [2, 3, 1, 0] }[one.shape.length]!;
  const parameter: Parameter = { name: 'w', shape: one.shape, role: one.shape.length > 1 ? 'kernel' : 'bias', order };
  const masks = new Map(mask ? [['w', mask]] : []);
  const start = startOf(one.shape).map((value, i) => (mask?.[i] === 0 ? 0 : value));
  let optimizer = new Optimizer(ops, [parameter], optionsOf(one), masks);
  const weight = ops.variable(toDevice(parameter, start), deviceShapeOf(parameter));
  const after: number[][] = [];
  for (let step = 1; step <= steps; step++) {
    ops.scope(() => {
      const gradient = ops.upload(toDevice(parameter, gradientOf(one.shape, step)), deviceShapeOf(parameter));
      optimizer.update(parameter, weight, gradient, reference.learningRate, step);
    });
    after.push([...fromDevice(parameter, ops.download(weight))]);
    if (step !== breakAfter) continue;
    const state = optimizer.state();
    optimizer[Symbol.dispose]();
    optimizer = new Optimizer(ops, [parameter], optionsOf(one), masks, state);
  }
  const state = optimizer.state();
  optimizer[Symbol.dispose]();
  ops.release(weight);
  return { after, state };
}

/** Ranger as its papers write it, one weight at a time, in float64. */
function slowRanger({ shape, centralize, weightDecay }: Case): number[][] {
  const [beta1, beta2, epsilon] = [0.95, 0.999, 1e-5];
  const w = [...startOf(shape)];
  const slow = [...w];
  const [m, s] = [w.map(() => 0), w.map(() => 0)];
  const inputs = w.length / shape[0]!;
  const after: number[][] = [];
  for (let t = 1; t <= steps; t++) {
    const g = [...gradientOf(shape, t)];
    const most = 2 / (1 - beta2) - 1;
    const length = most - (2 * t * beta2 ** t) / (1 - beta2 ** t);
    for (let i = 0; i < w.length; i++) {
      const row = g.slice(Math.floor(i / inputs) * inputs, (Math.floor(i / inputs) + 1) * inputs);
      const mean = centralize && shape.length > 1 ? row.reduce((a, b) => a + b, 0) / inputs : 0;
      m[i] = beta1 * m[i]! + (1 - beta1) * (g[i]! - mean);
      s[i] = beta2 * s[i]! + (1 - beta2) * (g[i]! - mean) ** 2;
      w[i]! -= reference.learningRate * weightDecay * w[i]!;
      const corrected = m[i]! / (1 - beta1 ** t);
      if (length > 5) {
        const r = Math.sqrt(((length - 4) * (length - 2) * most) / ((most - 4) * (most - 2) * length));
        w[i]! -= (reference.learningRate * r * corrected * Math.sqrt(1 - beta2 ** t)) / (Math.sqrt(s[i]!) + epsilon);
      } else w[i]! -= reference.learningRate * corrected;
      if (t % 6 === 0) w[i] = slow[i]! += 0.5 * (w[i]! - slow[i]!);
    }
    after.push([...w]);
  }
  return after;
}

function expectClose(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(actual).toHaveLength(expected.length);
  const off = actual.map((value, i) => Math.abs(value - expected[i]!));
  expect(Math.max(...off)).toBeLessThan(tolerance);
}

test('the slow twin is what pytorch-ranger does', () => {
  for (const one of reference.cases) {
    const twin = slowRanger(one);
    for (const [step, expected] of Object.entries(one.after)) expectClose(twin[Number(step) - 1]!, expected, 2e-6);
  }
});

describe.each([...engines, { name: 'the slow engine', reason: '', ops: slowOps() }])(
  'ranger on $name$reason',
  ({ ops }) => {
    // float32 over 40 steps of at most 0.02
    test.skipIf(!ops)("goes where its twin goes, kernels in the device's layout", () => {
      for (const one of reference.cases) {
        const twin = slowRanger(one);
        for (const [i, weights] of run(ops!, one).after.entries()) expectClose(weights, twin[i]!, 5e-6);
      }
    });

    test.skipIf(!ops)('goes on from what was saved, slow weights included, byte for byte', () => {
      const [one] = reference.cases;
      expect(run(ops!, one!, { breakAfter: 8 })).toEqual(run(ops!, one!));
    });

    test.skipIf(!ops)('what is masked stays zero, in the slow weights too', () => {
      const [one] = reference.cases;
      const mask = Uint8Array.from({ length: sizeOf(one!.shape) }, (_, i) => i % 2);
      const { after, state } = run(ops!, one!, { mask });
      for (const values of [after.at(-1)!, ...[...state.values()].map(({ data }) => [...data])]) {
        expect(values.map((value) => Number(value !== 0))).toEqual([...mask]);
      }
    });
  },
);

test('the step is a plain momentum step while too few squares are known, then rectified', () => {
  const options = trainOptions.parse({ epochs: 1, optimizer: { name: 'ranger' } }).optimizer as Parameters<
    typeof radamRule
  >[0]; // just named
  const at = (step: number) => radamRule(options, { learningRate: 1, weightDecay: 0, step });
  expect([1, 5].map((step) => at(step).squareCorrection)).toEqual([0, 0]);
  expect(at(6)).toMatchObject({ squareCorrection: 1, epsilon: 1e-5 });
  expect(at(1e6).rate, 'the rectification ends at 1').toBeCloseTo(1, 3);
});
