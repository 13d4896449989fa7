import type { OpAttribute } from '@espalier/native-tensorflow';
import type { BatchNormResult, DType, Ops } from '../ops.ts';
import { native, type Runtime } from './runtime.ts';

/** TensorFlow's fused kernel also updates the running statistics, with the unbiased variance as PyTorch does. */
export function batchNorm(
  runtime: Runtime,
  ...[x, { scale, shift, runningMean, runningVariance }, { momentum, epsilon }]: Parameters<Ops['batchNorm']>
): BatchNormResult {
  const attributes = [...fusedAttributes(runtime, x.dtype, epsilon), runtime.float('exponential_avg_factor', momentum)];
  const inputs = [x, scale, shift, runningMean, runningVariance].map(native);
  const [y, mean, variance, ...saved] = runtime.runMany('FusedBatchNormV3', attributes, inputs, 6);
  return { y: y!, runningMean: mean!, runningVariance: variance!, saved };
}

export function batchNormGradient(
  runtime: Runtime,
  ...[dy, x, scale, saved, epsilon]: Parameters<Ops['batchNormGradient']>
): ReturnType<Ops['batchNormGradient']> {
  const attributes = fusedAttributes(runtime, x.dtype, epsilon);
  const inputs = [dy, x, scale, ...saved].map(native);
  const [dx, dScale, dShift, ...unused] = runtime.runMany('FusedBatchNormGradV3', attributes, inputs, 5);
  for (const placeholder of unused) runtime.scopes.release(placeholder);
  return { dx: dx!, dScale: dScale!, dShift: dShift! };
}

function fusedAttributes(runtime: Runtime, dtype: DType, epsilon: number): OpAttribute[] {
  return [
    runtime.type('T', dtype),
    runtime.type('U', 'float32'),
    runtime.float('epsilon', epsilon),
    runtime.string('data_format', 'NHWC'),
    runtime.bool('is_training', true),
  ];
}
