import { dataTypes, type OpAttribute } from '@espalier/native-tensorflow';
import type { DType, Ops, PoolWindow, Tensor } from '../ops.ts';
import { expectShape } from '../shapes/expect-shape.ts';
import { pooledShape } from '../shapes/window-shapes.ts';
import { borderOf } from './convolution/convolution-ops.ts';
import { cast } from './elementwise.ts';
import { type NativeTensor, native, type Runtime } from './runtime.ts';
import { slice } from './shapes.ts';

/** Below every activation, and finite in bfloat16. */
const lowest = -3e38;

export function maxPool(runtime: Runtime, x: Tensor, window: PoolWindow): Tensor {
  pooledShape(x.shape, window);
  const p = window.padding;
  const attributes = [
    ...windowAttributes(runtime, x.dtype, window),
    runtime.string('padding', p === 0 ? 'VALID' : 'EXPLICIT'),
    runtime.int('explicit_paddings', p === 0 ? [] : [0, 0, p, p, p, p, 0, 0]),
    runtime.string('data_format', 'NHWC'),
  ];
  return runtime.run('MaxPool', attributes, [native(x)]);
}

/**
 * `MaxPoolGrad` is slow (a fifth of a whole input gradient), so the place of each maximum is found again by the fast
 * argmax kernel, which exists for float32 with 32-bit places, and `dy` is scattered there.
 */
export function maxPoolGradient(runtime: Runtime, ...[dy, x, , window]: Parameters<Ops['maxPoolGradient']>): Tensor {
  expectShape(dy.shape, pooledShape(x.shape, window));
  return runtime.scopes.run((keep) => {
    const exact = x.dtype === 'float32' ? native(x) : cast(runtime, x, 'float32');
    const framed = withLowestBorder(runtime, exact, window.padding);
    const places = placesOfMaxima(runtime, framed, window);
    const attributes = [
      ...windowAttributes(runtime, 'float32', window),
      runtime.type('Targmax', 'int64'),
      runtime.string('padding', 'VALID'),
      runtime.bool('include_batch_in_index', false),
    ];
    const upstream = dy.dtype === 'float32' ? native(dy) : cast(runtime, dy, 'float32');
    const dFramed = runtime.run('MaxPoolGradWithArgmax', attributes, [framed, upstream, places]);
    const dx =
      window.padding === 0 ? dFramed : slice(runtime, dFramed, [0, window.padding, window.padding, 0], x.shape);
    return keep(dy.dtype === 'float32' ? dx : cast(runtime, dx, dy.dtype));
  });
}

function placesOfMaxima(runtime: Runtime, x: NativeTensor, window: PoolWindow): NativeTensor {
  const attributes = [
    ...windowAttributes(runtime, 'float32', window),
    runtime.type('Targmax', 'int32'),
    runtime.string('padding', 'VALID'),
    runtime.bool('include_batch_in_index', false),
  ];
  const [, places] = runtime.runMany('MaxPoolWithArgmax', attributes, [x], 2);
  const toInt64 = [
    runtime.type('SrcT', 'int32'),
    { name: 'DstT', type: runtime.binding.TF_ATTR_TYPE, value: dataTypes.int64 },
    runtime.bool('Truncate', false),
  ];
  return runtime.run('Cast', toInt64, [places!]);
}

function withLowestBorder(runtime: Runtime, x: NativeTensor, border: number): NativeTensor {
  if (border === 0) return x;
  const attributes = [runtime.type('T', 'float32'), runtime.type('Tpaddings', 'int32')];
  return runtime.run('PadV2', attributes, [x, borderOf(runtime, border), runtime.scalar(lowest)]);
}

function windowAttributes(runtime: Runtime, dtype: DType, { height, width, stride }: PoolWindow): OpAttribute[] {
  return [
    runtime.type('T', dtype),
    runtime.int('ksize', [1, height, width, 1]),
    runtime.int('strides', [1, stride, stride, 1]),
  ];
}
