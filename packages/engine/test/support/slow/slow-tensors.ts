import { sizeOf } from '@espalier/core';
import type { Tensor, Variable } from '../../../src/ops.ts';
import { Scopes } from '../../../src/scopes.ts';

export interface SlowTensor extends Tensor {
  readonly values: Float64Array;
}

export interface SlowVariable extends Variable {
  values: Float64Array;
}

export type Handle = SlowTensor | SlowVariable;
export type Four = [number, number, number, number];

/** How results are made: owned by the scope that is open. */
export interface Results {
  readonly scopes: Scopes<Handle>;
  /** Zeros, unless values are given. */
  make(shape: readonly number[], values?: Float64Array): SlowTensor;
  map(x: Tensor, f: (value: number, i: number) => number): SlowTensor;
}

export function results(): Results {
  const scopes = new Scopes<Handle>(() => {});
  const make = (shape: readonly number[], values = new Float64Array(sizeOf(shape))): SlowTensor =>
    scopes.own({ shape, dtype: 'float32', values });
  return { scopes, make, map: (x, f) => make(x.shape, of(x).map(f)) };
}

export function of(handle: Tensor | Variable): Float64Array {
  return (handle as Handle).values; // a test passes this engine's own handles
}

/** The sum of a term over everything but the last axis. */
export function perChannel(
  x: Tensor,
  channels: number,
  term: (value: number, c: number, i: number) => number,
): Float64Array<ArrayBuffer> {
  const sums = new Float64Array(channels);
  of(x).forEach((value, i) => {
    sums[i % channels]! += term(value, i % channels, i);
  });
  return sums;
}
