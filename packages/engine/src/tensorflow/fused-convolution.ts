import type { ConvolutionEpilogue, DType, Ops, Window } from '../ops.ts';
import { convolvedShape } from '../shapes/window-shapes.ts';
import { convolve } from './convolution.ts';
import { convolutionAttributes } from './convolution-ops.ts';
import { expectEpilogue } from './epilogue.ts';
import { type NativeTensor, native, type Runtime } from './runtime.ts';

/** oneDNN's convolution with what follows it in one pass. Eager TensorFlow never picks it by itself, so it is called by name. */
const fusedOp = '_MklNativeFusedConv2D';

/**
 * `Ops.convolve` in one pass where it can be.
 *
 * @param dtypes those that oneDNN computes in on this CPU
 */
export function fusingConvolve(runtime: Runtime, dtypes: readonly DType[]): Ops['convolve'] {
  if (!canFuse(runtime)) return (...inputs) => convolve(runtime, ...inputs);
  return (x, kernel, window, epilogue = {}) => {
    const { bias, activation } = epilogue;
    if (!bias || activation || !dtypes.includes(x.dtype)) return convolve(runtime, x, kernel, window, epilogue);
    expectEpilogue(convolvedShape(x.shape, kernel.shape, window), epilogue);
    return fusedConvolution(runtime, native(x), native(kernel), window, { ...epilogue, bias });
  };
}

/** `relu(convolution + bias + residual)` without passing over the result again. */
function fusedConvolution(
  runtime: Runtime,
  x: NativeTensor,
  kernel: NativeTensor,
  window: Window,
  { bias, residual, relu }: ConvolutionEpilogue & Required<Pick<ConvolutionEpilogue, 'bias'>>,
): NativeTensor {
  const extras = residual ? [native(bias), native(residual)] : [native(bias)];
  const steps = ['BiasAdd', ...(residual ? ['Add'] : []), ...(relu ? ['Relu'] : [])];
  const attributes = [
    ...convolutionAttributes(runtime, x.dtype, window),
    runtime.string('_kernel', 'MklNameChangeOp'),
    runtime.int('num_args', extras.length),
    runtime.types('TArgs', Array<DType>(extras.length).fill(x.dtype)),
    runtime.int('num_host_args', 0),
    runtime.strings('fused_ops', steps),
    runtime.float('epsilon', 0),
    runtime.float('leakyrelu_alpha', 0),
    runtime.string('filter_format', 'HWIO'),
    runtime.bool('is_filter_const', false),
  ];
  return runtime.run(fusedOp, attributes, [x, kernel, ...extras]);
}

/**
 * Whether `fusedConvolution` can be used: on a CPU, with oneDNN, and with an addon that `espalier native install` made, since
 * tfjs-node's own cannot set lists. Asked by computing `relu(2 * 3 - 4 + 1)`.
 */
function canFuse(runtime: Runtime): boolean {
  if (runtime.binding.isUsingGpuDevice() || process.env.TF_ENABLE_ONEDNN_OPTS === '0') return false;
  return runtime.scopes.run(() => {
    const value = (number: number, shape: readonly number[]) => {
      const id = runtime.binding.createTensor(shape, runtime.binding.TF_FLOAT, Float32Array.of(number));
      return runtime.scopes.own<NativeTensor>({ id, shape, dtype: 'float32' });
    };
    const place = [1, 1, 1, 1];
    const epilogue = { bias: value(-4, [1]), residual: value(1, place), relu: true };
    try {
      const y = fusedConvolution(runtime, value(2, place), value(3, place), { stride: 1, padding: 0 }, epilogue);
      return runtime.binding.tensorDataSync(y.id)[0] === 3;
    } catch {
      return false; // the addon or this TensorFlow does not have it
    }
  });
}
