import type { ParameterInfo } from '@espalier/core';
import { toHwio, toOihw, transposed } from './kernel-layout.ts';

/** The shape that the engines keep a parameter in: kernels `[h, w, i, o]` and `[i, o]`, the rest as PyTorch's. */
export function deviceShape({ shape, role }: ParameterInfo): readonly number[] {
  if (role !== 'kernel') return shape;
  const [outputs, inputs, ...size] = shape;
  return [...size, inputs!, outputs!];
}

/**
 * A parameter's values in the engines' order.
 * @param values of `shape`: kernels `[o, i, h, w]` and `[o, i]`
 * @returns the same values as `[h, w, i, o]` and `[i, o]`; other parameters unchanged, not copied
 */
export function toDevice({ shape, role }: ParameterInfo, values: Float32Array): Float32Array {
  if (role !== 'kernel') return values;
  return shape.length === 4 ? toHwio(values, shape) : transposed(values, shape);
}

/**
 * A parameter's values in PyTorch's order.
 * @param values kernels `[h, w, i, o]` and `[i, o]`
 * @returns the same values as `[o, i, h, w]` and `[o, i]`; other parameters unchanged, not copied
 */
export function fromDevice({ shape, role }: ParameterInfo, values: Float32Array): Float32Array {
  if (role !== 'kernel') return values;
  return shape.length === 4 ? toOihw(values, shape) : transposed(values, [...shape].reverse());
}
