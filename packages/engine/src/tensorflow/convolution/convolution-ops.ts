import type { OpAttribute } from '@espalier/native-tensorflow';
import type { DType, Window } from '../../ops.ts';
import type { NativeTensor, Runtime } from '../runtime.ts';

/** Attributes of a forward convolution with PyTorch's padding. */
export function convolutionAttributes(runtime: Runtime, dtype: DType, { stride, padding }: Window): OpAttribute[] {
  const p = padding;
  const explicit = [runtime.string('padding', 'EXPLICIT'), runtime.int('explicit_paddings', [0, 0, p, p, p, p, 0, 0])];
  return attributesOf(runtime, dtype, stride, p === 0 ? [runtime.string('padding', 'VALID')] : explicit);
}

/** Attributes of a convolution's gradients, which leave TensorFlow's fast path on explicit padding. */
export function gradientAttributes(
  runtime: Runtime,
  dtype: DType,
  stride: number,
  padding: 'SAME' | 'VALID',
): OpAttribute[] {
  return attributesOf(runtime, dtype, stride, [runtime.string('padding', padding)]);
}

/** The paddings argument that puts `border` around the two spatial axes. */
export function borderOf(runtime: Runtime, border: number): NativeTensor {
  return runtime.integers([0, 0, border, border, border, border, 0, 0], [4, 2]);
}

/** `x` with `border` zeros around its spatial axes; `x` itself when there is no border. */
export function padded(runtime: Runtime, x: NativeTensor, border: number): NativeTensor {
  if (border === 0) return x;
  const attributes = [runtime.type('T', x.dtype), runtime.type('Tpaddings', 'int32')];
  return runtime.run('Pad', attributes, [x, borderOf(runtime, border)]);
}

function attributesOf(runtime: Runtime, dtype: DType, stride: number, padding: readonly OpAttribute[]): OpAttribute[] {
  return [
    runtime.type('T', dtype),
    runtime.int('strides', [1, stride, stride, 1]),
    runtime.bool('use_cudnn_on_gpu', true),
    ...padding,
    runtime.string('data_format', 'NHWC'),
    runtime.int('dilations', [1, 1, 1, 1]),
  ];
}
