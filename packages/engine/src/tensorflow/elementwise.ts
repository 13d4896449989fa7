import type { DType, Tensor } from '../ops.ts';
import { type NativeTensor, native, type Runtime } from './runtime.ts';

export function cast(runtime: Runtime, x: Tensor, dtype: DType): NativeTensor {
  if (x.dtype === dtype) return runtime.run('Identity', [runtime.type('T', dtype)], [native(x)]);
  const attributes = [runtime.type('SrcT', x.dtype), runtime.type('DstT', dtype), runtime.bool('Truncate', false)];
  return runtime.run('Cast', attributes, [native(x)]);
}

export function add(runtime: Runtime, a: Tensor, b: Tensor): Tensor {
  return runtime.run('AddV2', [runtime.type('T', a.dtype)], [native(a), native(b)]);
}

export function multiply(runtime: Runtime, a: Tensor, b: Tensor): NativeTensor {
  return runtime.run('Mul', [runtime.type('T', a.dtype)], [native(a), native(b)]);
}

export function relu(runtime: Runtime, x: Tensor): Tensor {
  return runtime.run('Relu', [runtime.type('T', x.dtype)], [native(x)]);
}

export function reluGradient(runtime: Runtime, dy: Tensor, y: Tensor): Tensor {
  return runtime.run('ReluGrad', [runtime.type('T', dy.dtype)], [native(dy), native(y)]);
}

export function addBias(runtime: Runtime, x: Tensor, bias: Tensor): Tensor {
  return runtime.run(
    'BiasAdd',
    [runtime.type('T', x.dtype), runtime.string('data_format', 'NHWC')],
    [native(x), native(bias)],
  );
}

export function biasGradient(runtime: Runtime, dy: Tensor): Tensor {
  const attributes = [runtime.type('T', dy.dtype), runtime.string('data_format', 'NHWC')];
  return runtime.run('BiasAddGrad', attributes, [native(dy)]);
}

export function spatialMean(runtime: Runtime, x: Tensor): Tensor {
  const attributes = [runtime.type('T', x.dtype), runtime.type('Tidx', 'int32'), runtime.bool('keep_dims', false)];
  return runtime.run('Mean', attributes, [native(x), runtime.integers([1, 2])]);
}

export function spatialMeanGradient(runtime: Runtime, dy: Tensor, height: number, width: number): Tensor {
  const [n, channels] = dy.shape as [number, number]; // dy is n c
  const share = cast(runtime, runtime.scalar(1 / (height * width)), dy.dtype);
  const each = multiply(runtime, dy, share);
  const attributes = [runtime.type('T', dy.dtype), runtime.type('Tshape', 'int32')];
  const place = runtime.run('Reshape', attributes, [each, runtime.integers([n, 1, 1, channels])]);
  const spread = runtime.run(
    'BroadcastTo',
    [runtime.type('T', dy.dtype), runtime.type('Tidx', 'int32')],
    [place, runtime.integers([n, height, width, channels])],
  );
  for (const temporary of [share, each, place]) runtime.scopes.release(temporary);
  return spread;
}

export function matmul(runtime: Runtime, a: Tensor, b: Tensor, transpose: { a?: boolean; b?: boolean } = {}): Tensor {
  const attributes = [
    runtime.type('T', a.dtype),
    runtime.bool('transpose_a', transpose.a ?? false),
    runtime.bool('transpose_b', transpose.b ?? false),
  ];
  return runtime.run('MatMul', attributes, [native(a), native(b)]);
}
