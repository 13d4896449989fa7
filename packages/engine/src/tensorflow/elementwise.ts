import type { DType, Tensor } from '../ops.ts';
import { expectShape } from '../shapes/expect-shape.ts';
import { expectSumTo } from '../shapes/layout-shapes.ts';
import { Arithmetic } from './arithmetic.ts';
import { type NativeTensor, native, type Runtime } from './runtime.ts';

export function cast(runtime: Runtime, x: Tensor, dtype: DType): NativeTensor {
  if (x.dtype === dtype) return runtime.run('Identity', [runtime.type('T', dtype)], [native(x)]);
  const attributes = [runtime.type('SrcT', x.dtype), runtime.type('DstT', dtype), runtime.bool('Truncate', false)];
  return runtime.run('Cast', attributes, [native(x)]);
}

/** `x` in float32: itself where it is that already. */
export function exactly(runtime: Runtime, x: Tensor): NativeTensor {
  return x.dtype === 'float32' ? native(x) : cast(runtime, x, 'float32');
}

/** `x`, which is float32, in another dtype. */
export function rounded(runtime: Runtime, x: NativeTensor, dtype: DType): NativeTensor {
  return dtype === 'float32' ? x : cast(runtime, x, dtype);
}

export function sumTo(runtime: Runtime, x: Tensor, shape: readonly number[]): NativeTensor {
  expectSumTo(x.shape, shape);
  const axes = [...shape.keys()].filter((axis) => shape[axis] !== x.shape[axis]);
  if (axes.length === 0) return cast(runtime, x, x.dtype);
  const attributes = [runtime.type('T', x.dtype), runtime.type('Tidx', 'int32'), runtime.bool('keep_dims', true)];
  return runtime.run('Sum', attributes, [native(x), runtime.integers(axes)]);
}

/** Every value times `factor`, which is not rounded to the dtype first. */
export function scale(runtime: Runtime, x: Tensor, factor: number): NativeTensor {
  return runtime.scopes.run((keep) => keep(rounded(runtime, times(runtime, exactly(runtime, x), factor), x.dtype)));
}

/** Every value times `factor`, both in the dtype of `x`. */
export function times(runtime: Runtime, x: NativeTensor, factor: number): NativeTensor {
  return runtime.scopes.run((keep) => {
    const inputs = [x, rounded(runtime, runtime.scalar(factor), x.dtype)];
    return keep(runtime.run('Mul', [runtime.type('T', x.dtype)], inputs));
  });
}

export function relu(runtime: Runtime, x: Tensor): Tensor {
  return runtime.run('Relu', [runtime.type('T', x.dtype)], [native(x)]);
}

export function reluGradient(runtime: Runtime, dy: Tensor, y: Tensor): Tensor {
  expectShape(dy.shape, y.shape);
  return runtime.run('ReluGrad', [runtime.type('T', dy.dtype)], [native(dy), native(y)]);
}

export function quotient(runtime: Runtime, a: Tensor, b: Tensor, epsilon: number): NativeTensor {
  expectShape(b.shape, a.shape);
  return runtime.scopes.run((keep) => {
    const arithmetic = new Arithmetic(runtime);
    const divisor = exactly(runtime, b);
    const shift = arithmetic.where(arithmetic.isGreater(0, divisor), runtime.scalar(-epsilon), epsilon);
    const inputs = [exactly(runtime, a), arithmetic.add(divisor, shift)];
    return keep(rounded(runtime, runtime.run('DivNoNan', [runtime.type('T', 'float32')], inputs), a.dtype));
  });
}

export function addBias(runtime: Runtime, x: Tensor, bias: Tensor): Tensor {
  expectShape(bias.shape, x.shape.slice(-1));
  if (x.shape.length === 1) return runtime.run('AddV2', [runtime.type('T', x.dtype)], [native(x), native(bias)]);
  return runtime.run(
    'BiasAdd',
    [runtime.type('T', x.dtype), runtime.string('data_format', 'NHWC')],
    [native(x), native(bias)],
  );
}

export function biasGradient(runtime: Runtime, dy: Tensor): Tensor {
  if (dy.shape.length === 1) return cast(runtime, dy, dy.dtype);
  const attributes = [runtime.type('T', dy.dtype), runtime.string('data_format', 'NHWC')];
  return runtime.run('BiasAddGrad', attributes, [native(dy)]);
}
