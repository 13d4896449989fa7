import type { OpAttribute } from '@espalier/native-tensorflow';
import type { DType, ProductOps, Transposition } from '../ops.ts';
import { productSizes } from '../shapes/product-shapes.ts';
import { expectEpilogue, withEpilogue } from './epilogue.ts';
import { canFuse, type FusedOp, runFused } from './fusion.ts';
import { native, type Runtime } from './runtime.ts';

const fused: FusedOp = {
  name: '_MklNativeFusedMatMul',
  ends: ['Relu', 'GeluExact', 'GeluApproximate'],
  attributes: (runtime) => [runtime.bool('is_weight_const', false)],
};

/** @param dtypes those that oneDNN computes in on this CPU */
export function productOps(runtime: Runtime, dtypes: readonly DType[]): ProductOps {
  return { matmul: matmul(runtime, isThere(runtime) ? dtypes : []), batchedMatmul: batchedMatmul(runtime) };
}

function matmul(runtime: Runtime, dtypes: readonly DType[]): ProductOps['matmul'] {
  return (a, b, transpose = {}, epilogue = {}) => {
    expectEpilogue(productSizes(a.shape, b.shape, transpose).shape, epilogue);
    const attributes = attributesOf(runtime, a.dtype, transpose);
    const inputs = [native(a), native(b)];
    const { bias } = epilogue;
    if (bias && dtypes.includes(a.dtype)) return runFused(runtime, fused, attributes, inputs, { ...epilogue, bias });
    return withEpilogue(runtime, runtime.run('MatMul', attributes, inputs), epilogue);
  };
}

function batchedMatmul(runtime: Runtime): ProductOps['batchedMatmul'] {
  return (a, b, transpose = {}) => {
    productSizes(a.shape, b.shape, transpose);
    const attributes = [
      runtime.type('T', a.dtype),
      runtime.bool('adj_x', transpose.a ?? false),
      runtime.bool('adj_y', transpose.b ?? false),
    ];
    return runtime.run('BatchMatMulV2', attributes, [native(a), native(b)]);
  };
}

/** `relu(2 * 3 - 4)` is 2. */
function isThere(runtime: Runtime): boolean {
  const attributes = attributesOf(runtime, 'float32', {});
  return canFuse(
    runtime,
    (value) => {
      const epilogue = { bias: value(-4, [1]), relu: true };
      return runFused(runtime, fused, attributes, [value(2, [1, 1]), value(3, [1, 1])], epilogue);
    },
    2,
  );
}

function attributesOf(runtime: Runtime, dtype: DType, { a = false, b = false }: Transposition): OpAttribute[] {
  return [runtime.type('T', dtype), runtime.bool('transpose_a', a), runtime.bool('transpose_b', b)];
}
