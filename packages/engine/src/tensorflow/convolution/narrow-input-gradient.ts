import type { Window } from '../../ops.ts';
import type { NativeTensor, Runtime } from '../runtime.ts';
import { slice } from '../shapes.ts';
import { convolutionAttributes } from './convolution-ops.ts';

/** More input channels than this keep TensorFlow's own kernel busy. */
const narrow = 4;

/** Whether `narrowInputGradient` can take the place of `Conv2DBackpropInput`, and is faster. */
export function isNarrow(
  { stride, padding }: Window,
  kernel: NativeTensor,
  [, height, width]: readonly number[],
): boolean {
  const [size, columns, inputs] = kernel.shape as [number, number, number, number]; // kernels are h w i o
  const reached = (length: number) => 2 * (Math.floor((length + 2 * padding - size) / 2) + Math.ceil(size / 2));
  return (
    stride === 2 &&
    size === columns &&
    inputs <= narrow &&
    reached(height!) >= height! + padding &&
    reached(width!) >= width! + padding
  );
}

/**
 * The input gradient of a stride-2 convolution with few input channels, such as a network's first, in less than half
 * the time of `Conv2DBackpropInput`.
 *
 * Pixels of equal row and column parity meet the same kernel places, so each of the four parities is a stride-1
 * convolution of `dy`. One convolution computes all four as channels, and `DepthToSpace` interleaves them.
 */
export function narrowInputGradient(
  runtime: Runtime,
  dy: NativeTensor,
  kernel: NativeTensor,
  padding: number,
  inputShape: readonly number[],
): NativeTensor {
  return runtime.scopes.run((keep) => {
    const reach = Math.ceil(kernel.shape[0]! / 2);
    const attributes = convolutionAttributes(runtime, dy.dtype, { stride: 1, padding: reach - 1 });
    const parities = runtime.run('Conv2D', attributes, [dy, kernelOfParities(runtime, kernel, reach)]);
    const block = [runtime.type('T', dy.dtype), runtime.int('block_size', 2), runtime.string('data_format', 'NHWC')];
    const framed = runtime.run('DepthToSpace', block, [parities]);
    return keep(slice(runtime, framed, [0, padding, padding, 0], inputShape));
  });
}

/**
 * `[2 reach, 2 reach, i, o]` (zeros added) as `[reach, reach, o, (row parity, column parity, i)]`, places reversed. An odd count
 * of channels gets one more, of zeros: oneDNN's convolution is a quarter faster with whole vectors of 8 than with 12 channels.
 */
function kernelOfParities(runtime: Runtime, kernel: NativeTensor, reach: number): NativeTensor {
  const [size, , inputs, outputs] = kernel.shape as [number, number, number, number]; // kernels are h w i o
  const extra = 2 * reach - size;
  const spare = inputs % 2;
  const type = runtime.type('T', kernel.dtype);
  const reshape = (x: NativeTensor, shape: readonly number[]) =>
    runtime.run('Reshape', [type, runtime.type('Tshape', 'int32')], [x, runtime.integers(shape)]);
  const even = runtime.run(
    'Pad',
    [type, runtime.type('Tpaddings', 'int32')],
    [kernel, runtime.integers([0, extra, 0, extra, 0, spare, 0, 0], [4, 2])],
  );
  const split = reshape(even, [reach, 2, reach, 2, inputs + spare, outputs]);
  const reversed = runtime.run('ReverseV2', [type, runtime.type('Tidx', 'int32')], [split, runtime.integers([0, 2])]);
  const order = runtime.integers([0, 2, 5, 1, 3, 4]);
  const sorted = runtime.run('Transpose', [type, runtime.type('Tperm', 'int32')], [reversed, order]);
  return reshape(sorted, [reach, reach, outputs, 4 * (inputs + spare)]);
}
