import { randomStream, sizeOf } from '@espalier/core';
import { expect } from 'vitest';
import type { Ops, Tensor } from '../src/ops.ts';
import { slowOps } from './support/slow/slow-ops.ts';

/** An array as it was up- or downloaded. */
export interface Plain {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export type Work = (ops: Ops, ...inputs: readonly Tensor[]) => readonly Tensor[];

/** Standard normal numbers that depend on the label and the shape alone. */
export function normal(label: string, shape: readonly number[]): Plain {
  const stream = randomStream(1, label, ...shape);
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => stream.normal()) };
}

/** What `work` computes from `inputs`; fails if it changes them or leaves a tensor alive. */
export function run(ops: Ops, inputs: readonly Plain[], work: Work): readonly Plain[] {
  const live = ops.live;
  const results = ops.scope(() => {
    const tensors = inputs.map(({ data, shape }) => ops.upload(data, shape));
    const found = work(ops, ...tensors).map((tensor) => ({ shape: tensor.shape, data: ops.download(tensor) }));
    inputs.forEach(({ data }, i) => {
      expect(differences(ops.download(tensors[i]!), data), `changes of input ${i}`).toBe(0);
    });
    return found;
  });
  expect(ops.live, 'tensors left alive').toBe(live);
  return results;
}

/** `work` on `ops` agrees with the slow engine to `tolerance`, relative to the largest value of each result. */
export function expectSame(ops: Ops, inputs: readonly Plain[], work: Work, tolerance = 1e-5): void {
  const found = run(ops, inputs, work);
  run(slowOps(), inputs, work).forEach(({ shape, data }, i) => {
    expect(found[i]!.shape, `shape of result ${i}`).toEqual(shape);
    const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
    const worst = data.reduce((most, value, place) => Math.max(most, Math.abs(value - found[i]!.data[place]!)), 0);
    expect(found[i]!.data.every(Number.isFinite), `result ${i} is finite`).toBe(true);
    expect(worst / largest, `result ${i}`).toBeLessThan(tolerance);
  });
}

/** Fails unless the results are the same to the last bit. Quicker than `toEqual`, which walks arrays one by one. */
export function expectSameBits(found: readonly Plain[], expected: readonly Plain[]): void {
  expect(found.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => shape));
  expect(found.map(({ data }, i) => differences(data, expected[i]!.data))).toEqual(expected.map(() => 0));
}

function differences(a: Float32Array, b: Float32Array): number {
  return a.reduce((count, value, i) => count + (Object.is(value, b[i]) ? 0 : 1), Math.abs(a.length - b.length));
}

/** Entry `index` of the first axis. */
export function entry({ shape, data }: Plain, index: number): Plain {
  const size = data.length / shape[0]!;
  return { shape: [1, ...shape.slice(1)], data: data.slice(index * size, (index + 1) * size) };
}
