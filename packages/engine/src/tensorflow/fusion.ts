import type { OpAttribute } from '@espalier/native-tensorflow';
import type { ConvolutionEpilogue, DType, Tensor } from '../ops.ts';
import { activate } from './activations.ts';
import { type NativeTensor, native, type Runtime } from './runtime.ts';

/** What an op of oneDNN can end with. */
export type FusedEnd = 'Relu' | 'Relu6' | 'GeluExact' | 'GeluApproximate';

/** An op that oneDNN computes together with what follows it. Eager TensorFlow never picks it by itself, so it is called by name. */
export interface FusedOp {
  readonly name: '_MklNativeFusedConv2D' | '_MklNativeFusedDepthwiseConv2dNative' | '_MklNativeFusedMatMul';
  readonly ends: readonly FusedEnd[];
  /** Attributes that only this op has; `extras` counts the tensors of the epilogue. */
  readonly attributes: (runtime: Runtime, dtype: DType, extras: number) => readonly OpAttribute[];
}

/** An epilogue that starts with a bias: without one nothing is fused. */
export type FusedEpilogue = ConvolutionEpilogue & Required<Pick<ConvolutionEpilogue, 'bias'>>;

/** `activation(op(inputs) + bias + residual)` without passing over the result again, where the op can end with the activation. */
export function runFused(
  runtime: Runtime,
  op: FusedOp,
  attributes: readonly OpAttribute[],
  inputs: readonly NativeTensor[],
  epilogue: FusedEpilogue,
): NativeTensor {
  const { bias, residual, activation } = epilogue;
  const { dtype } = bias;
  const extras = residual ? [native(bias), native(residual)] : [native(bias)];
  const end = endOf(epilogue);
  const isFused = end !== undefined && op.ends.includes(end);
  const steps = ['BiasAdd', ...(residual ? ['Add'] : []), ...(isFused ? [end] : [])];
  const all = [
    ...attributes,
    ...op.attributes(runtime, dtype, extras.length),
    runtime.string('_kernel', 'MklNameChangeOp'),
    runtime.int('num_args', extras.length),
    runtime.strings('fused_ops', steps),
    runtime.float('epsilon', 0),
    runtime.float('leakyrelu_alpha', 0),
  ];
  const y = runtime.run(op.name, all, [...inputs, ...extras]);
  if (isFused || !activation) return y;
  const result = activate(runtime, y, activation);
  runtime.scopes.release(y);
  return result;
}

/** oneDNN's name of how an epilogue ends; none where it has no end, or one that oneDNN does not have. */
function endOf({ relu, activation, residual }: ConvolutionEpilogue): FusedEnd | undefined {
  if (!activation) return relu ? 'Relu' : undefined;
  if (activation.kind === 'gelu') return activation.approximation === 'tanh' ? 'GeluApproximate' : 'GeluExact';
  if (activation.kind !== 'clip' || activation.least !== 0 || residual) return undefined;
  return activation.most === 6 ? 'Relu6' : activation.most === Number.POSITIVE_INFINITY ? 'Relu' : undefined;
}

/**
 * Whether a fused op can be used: on a CPU, with oneDNN, and with an addon that `espalier native install` made, since tfjs-node's own
 * cannot set lists. Asked by computing a number that is known.
 */
export function canFuse(
  runtime: Runtime,
  compute: (value: (number: number, shape: readonly number[]) => NativeTensor) => Tensor,
  expected: number,
): boolean {
  if (runtime.binding.isUsingGpuDevice() || process.env.TF_ENABLE_ONEDNN_OPTS === '0') return false;
  const value = (number: number, shape: readonly number[]) => {
    const id = runtime.binding.createTensor(shape, runtime.binding.TF_FLOAT, Float32Array.of(number));
    return runtime.scopes.own<NativeTensor>({ id, shape, dtype: 'float32' });
  };
  return runtime.scopes.run(() => {
    try {
      return runtime.binding.tensorDataSync(native(compute(value)).id)[0] === expected;
    } catch {
      return false; // the addon or this TensorFlow does not have it
    }
  });
}
