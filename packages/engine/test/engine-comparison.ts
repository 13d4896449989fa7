import { randomStream, sizeOf } from '@espalier/core';
import { expect } from 'vitest';
import type { DType, Ops, Tensor } from '../src/ops.ts';
import { slowOps } from './support/slow/slow-ops.ts';

/** Results by name, as they were downloaded. */
export type Values = Readonly<Record<string, Float32Array>>;

/** Relative to the largest expected value: float32 sums of a few hundred terms; bfloat16 keeps 8 bits. */
export const tolerances: Record<DType, number> = { float32: 2e-6, bfloat16: 2e-2 };

/** Runs `work` on both and compares everything it returns. */
export function expectSame(ops: Ops, work: (ops: Ops) => Values, tolerance: number): void {
  const live = ops.live;
  const found = work(ops);
  expect(ops.live, 'tensors left alive').toBe(live);
  const expected = work(slowOps());
  expect(Object.keys(found)).toEqual(Object.keys(expected));
  for (const [name, values] of Object.entries(expected)) {
    const scale = values.reduce((most, value) => Math.max(most, Number.isFinite(value) ? Math.abs(value) : 0), 1e-6);
    const difference = (value: number, i: number) =>
      value === found[name]![i] ? 0 : Math.abs(value - found[name]![i]!);
    const worst = values.reduce((most, value, i) => Math.max(most, difference(value, i)), 0);
    expect(found[name]!.length, name).toBe(values.length);
    expect(worst / scale, name).toBeLessThan(tolerance);
  }
}

/** Uploads of numbers that depend on the label alone; `of` may shape them. */
export function inputsOf(ops: Ops, dtype: DType) {
  return (label: string, shape: readonly number[], of = (normal: number) => normal): Tensor => {
    const stream = randomStream(1, label);
    const exact = ops.upload(
      Float32Array.from({ length: sizeOf(shape) }, () => of(stream.normal())),
      shape,
    );
    return ops.hasBfloat16 ? ops.cast(exact, dtype) : exact;
  };
}
