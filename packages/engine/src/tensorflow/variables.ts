import { dataTypes } from '@espalier/native-tensorflow';
import type { Ops, Tensor, Variable } from '../ops.ts';
import { add } from './broadcast.ts';
import { times } from './elementwise.ts';
import { type NativeTensor, type NativeVariable, native, type Runtime } from './runtime.ts';

/** TensorFlow's name for a variable that no other handle can reach, freed with its last handle. */
const anonymous = 'cd2c89b7-88b7-44c8-ad83-06c2a9158347';

/** A resource variable: TensorFlow's optimizer kernels change its buffer in place, in one pass. */
export function variable(runtime: Runtime, data: Float32Array, shape: readonly number[]): Variable {
  const attributes = [
    runtime.string('container', ''),
    runtime.string('shared_name', anonymous),
    runtime.type('dtype', 'float32'),
    runtime.shape('shape', shape),
  ];
  const [handle] = runtime.execute('VarHandleOp', attributes, [], 1);
  const made = runtime.scopes.ownForever<NativeVariable>({ id: handle!.id, shape });
  runtime.scopes.run(() => assign(runtime, made, upload(runtime, data, shape)));
  return made;
}

/** The addon shares memory with the array it is given, so it gets one that nobody else has. */
export function upload(runtime: Runtime, data: Float32Array, shape: readonly number[]): NativeTensor {
  return adopt(runtime, data.slice(), shape);
}

export function adopt(runtime: Runtime, data: Float32Array, shape: readonly number[]): NativeTensor {
  const id = runtime.binding.createTensor(shape, dataTypes.float32, data);
  return runtime.scopes.own({ id, shape, dtype: 'float32' });
}

export function read(runtime: Runtime, from: Variable): NativeTensor {
  return runtime.runMany('ReadVariableOp', [runtime.type('dtype', 'float32')], [nativeVariable(from)], 1)[0]!;
}

export function assign(runtime: Runtime, to: Variable, value: Tensor): void {
  const attributes = [runtime.type('dtype', 'float32'), runtime.bool('validate_shape', false)];
  runtime.execute('AssignVariableOp', attributes, [nativeVariable(to), native(value)], 0);
}

export function applySgd(runtime: Runtime, ...[weight, velocity, gradient, rule]: Parameters<Ops['applySgd']>): void {
  const { learningRate, momentum, nesterov, weightDecay } = rule;
  runtime.scopes.run(() => {
    const decaysVelocity = weightDecay > 0 && momentum > 0 && !nesterov;
    if (decaysVelocity) accumulate(runtime, velocity, weightDecay / momentum, weight);
    const decayed = decaysVelocity ? native(gradient) : withDecay(runtime, weight, native(gradient), weightDecay);
    runtime.execute(
      'ResourceApplyMomentum',
      [runtime.type('T', 'float32'), runtime.bool('use_locking', false), runtime.bool('use_nesterov', nesterov)],
      [
        nativeVariable(weight),
        nativeVariable(velocity),
        runtime.scalar(learningRate),
        decayed,
        runtime.scalar(momentum),
      ],
      0,
    );
  });
}

// Beside it the root of the second moment is nothing, in float32.
const vast = 1e20;

/**
 * TensorFlow's Adam without its bias corrections: rate m / (c sqrt(s) + epsilon) is (rate / c) m / (sqrt(s) + epsilon / c),
 * and a second moment that shall not count is drowned by a vast epsilon.
 */
export function applyAdam(
  runtime: Runtime,
  ...[weight, mean, square, gradient, rule]: Parameters<Ops['applyAdam']>
): void {
  runtime.scopes.run(() => {
    decay(runtime, weight, rule.keptWeight);
    const correction = rule.squareCorrection === 0 ? rule.epsilon / vast : rule.squareCorrection;
    const powers = [0, 0];
    const scalars = [...powers, rule.rate / correction, rule.beta1, rule.beta2, rule.epsilon / correction];
    runtime.execute(
      'ResourceApplyAdam',
      [runtime.type('T', 'float32'), runtime.bool('use_locking', false), runtime.bool('use_nesterov', false)],
      [
        ...[weight, mean, square].map(nativeVariable),
        ...scalars.map((value) => runtime.scalar(value)),
        native(gradient),
      ],
      0,
    );
  });
}

/**
 * `sum += factor * value`, in place and in one pass. Weight decay goes this way where there is momentum, and not Nesterov's:
 * momentum (velocity + weightDecay / momentum * weight) + gradient is what SGD wants, without a decayed copy of the gradient.
 */
function accumulate(runtime: Runtime, sum: Variable, factor: number, value: Variable): void {
  runtime.scopes.run(() => {
    const attributes = [runtime.type('T', 'float32'), runtime.bool('use_locking', false)];
    const inputs = [nativeVariable(sum), runtime.scalar(-factor), read(runtime, value)];
    runtime.execute('ResourceApplyGradientDescent', attributes, inputs, 0);
  });
}

function withDecay(runtime: Runtime, weight: Variable, gradient: NativeTensor, weightDecay: number): NativeTensor {
  if (weightDecay === 0) return gradient;
  return runtime.scopes.run((keep) => {
    const penalty = times(runtime, read(runtime, weight), weightDecay);
    return keep(native(add(runtime, gradient, penalty)));
  });
}

function decay(runtime: Runtime, weight: Variable, keptWeight: number): void {
  if (keptWeight === 1) return;
  runtime.scopes.run(() => {
    assign(runtime, weight, times(runtime, read(runtime, weight), keptWeight));
  });
}

export function nativeVariable(value: Variable): NativeVariable {
  return value as NativeVariable; // `Ops` promises that callers only pass variables of the same engine
}
