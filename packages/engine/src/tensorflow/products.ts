import type { ProductOps, Tensor, Transposition } from '../ops.ts';
import { productSizes } from '../shapes/product-shapes.ts';
import { type NativeTensor, native, type Runtime } from './runtime.ts';

export function productOps(runtime: Runtime): ProductOps {
  return {
    matmul: (a, b, transpose) => matmul(runtime, a, b, transpose),
    batchedMatmul: (a, b, transpose) => batchedMatmul(runtime, a, b, transpose),
  };
}

export function matmul(runtime: Runtime, a: Tensor, b: Tensor, transpose: Transposition = {}): NativeTensor {
  productSizes(a.shape, b.shape, transpose);
  const attributes = [
    runtime.type('T', a.dtype),
    runtime.bool('transpose_a', transpose.a ?? false),
    runtime.bool('transpose_b', transpose.b ?? false),
  ];
  return runtime.run('MatMul', attributes, [native(a), native(b)]);
}

function batchedMatmul(runtime: Runtime, a: Tensor, b: Tensor, transpose: Transposition = {}): NativeTensor {
  productSizes(a.shape, b.shape, transpose);
  const attributes = [
    runtime.type('T', a.dtype),
    runtime.bool('adj_x', transpose.a ?? false),
    runtime.bool('adj_y', transpose.b ?? false),
  ];
  return runtime.run('BatchMatMulV2', attributes, [native(a), native(b)]);
}
