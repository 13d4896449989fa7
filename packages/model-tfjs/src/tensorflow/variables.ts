import { dataTypes } from '../native/tensorflow-binding.ts';
import type { AdamWRule, Ops, SgdRule, Tensor, Variable } from '../ops.ts';
import { add, multiply } from './elementwise.ts';
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
  const id = runtime.binding.createTensor(shape, dataTypes.float32, Float32Array.from(data));
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
  runtime.scopes.run(() => {
    const decayed = withDecay(runtime, weight, native(gradient), rule);
    runtime.execute(
      'ResourceApplyMomentum',
      [runtime.type('T', 'float32'), runtime.bool('use_locking', false), runtime.bool('use_nesterov', rule.nesterov)],
      [
        nativeVariable(weight),
        nativeVariable(velocity),
        runtime.scalar(rule.learningRate),
        decayed,
        runtime.scalar(rule.momentum),
      ],
      0,
    );
  });
}

/**
 * TensorFlow adds epsilon before it corrects the second moment, PyTorch after: scaling epsilon by
 * sqrt(1 - beta2^step) makes the two the same.
 */
export function applyAdamW(
  runtime: Runtime,
  ...[weight, mean, square, gradient, rule]: Parameters<Ops['applyAdamW']>
): void {
  runtime.scopes.run(() => {
    decay(runtime, weight, rule);
    const power1 = rule.beta1 ** rule.step;
    const power2 = rule.beta2 ** rule.step;
    const epsilon = rule.epsilon * Math.sqrt(1 - power2);
    const scalars = [power1, power2, rule.learningRate, rule.beta1, rule.beta2, epsilon];
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

function withDecay(runtime: Runtime, weight: Variable, gradient: NativeTensor, rule: SgdRule): NativeTensor {
  if (rule.weightDecay === 0) return gradient;
  return runtime.scopes.run((keep) => {
    const penalty = multiply(runtime, read(runtime, weight), runtime.scalar(rule.weightDecay));
    return keep(native(add(runtime, gradient, penalty)));
  });
}

function decay(runtime: Runtime, weight: Variable, rule: AdamWRule): void {
  if (rule.weightDecay === 0) return;
  runtime.scopes.run(() => {
    const kept = runtime.scalar(1 - rule.learningRate * rule.weightDecay);
    assign(runtime, weight, multiply(runtime, read(runtime, weight), kept));
  });
}

export function nativeVariable(value: Variable): NativeVariable {
  return value as NativeVariable; // `Ops` promises that callers only pass variables of the same engine
}
