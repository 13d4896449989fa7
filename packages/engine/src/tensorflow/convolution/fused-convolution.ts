import type { DType, Ops } from '../../ops.ts';
import { convolvedShape } from '../../shapes/window-shapes.ts';
import { expectEpilogue } from '../epilogue.ts';
import { canFuse, type FusedOp, runFused } from '../fusion.ts';
import { native, type Runtime } from '../runtime.ts';
import { convolve } from './convolution.ts';
import { convolutionAttributes } from './convolution-ops.ts';

const fused: FusedOp = {
  name: '_MklNativeFusedConv2D',
  ends: ['Relu', 'Relu6'],
  attributes: (runtime, dtype, extras) => [
    runtime.types('TArgs', Array<DType>(extras).fill(dtype)),
    runtime.int('num_host_args', 0),
    runtime.string('filter_format', 'HWIO'),
    runtime.bool('is_filter_const', false),
  ],
};

/**
 * `Ops.convolve` in one pass where it can be.
 *
 * @param dtypes those that oneDNN computes in on this CPU
 */
export function fusingConvolve(runtime: Runtime, dtypes: readonly DType[]): Ops['convolve'] {
  if (!isThere(runtime)) return (...inputs) => convolve(runtime, ...inputs);
  return (x, kernel, window, epilogue = {}) => {
    const { bias } = epilogue;
    if (!bias || !dtypes.includes(x.dtype)) return convolve(runtime, x, kernel, window, epilogue);
    expectEpilogue(convolvedShape(x.shape, kernel.shape, window), epilogue);
    const attributes = convolutionAttributes(runtime, x.dtype, window);
    return runFused(runtime, fused, attributes, [native(x), native(kernel)], { ...epilogue, bias });
  };
}

/** `relu(2 * 3 - 4 + 1)` is 3. */
function isThere(runtime: Runtime): boolean {
  const place = [1, 1, 1, 1];
  const attributes = convolutionAttributes(runtime, 'float32', { stride: 1, padding: 0 });
  return canFuse(
    runtime,
    (value) => {
      const epilogue = { bias: value(-4, [1]), residual: value(1, place), relu: true };
      return runFused(runtime, fused, attributes, [value(2, place), value(3, place)], epilogue);
    },
    3,
  );
}
