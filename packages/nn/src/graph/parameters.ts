import { type ParameterInfo, StudyError, sizeOf } from '@espalier/core';
import type { Parameter } from '../layers/kind.ts';
import { kindOf } from './kinds.ts';
import type { Network, Node } from './network.ts';

/** The parameters of one node, with how they lie on the device. */
export function parametersOfNode({ layer }: Node): readonly Parameter[] {
  return kindOf(layer).parameters?.(layer) ?? [];
}

/**
 * All parameters of a network in the order of its nodes, each once: several nodes may share one.
 *
 * @throws StudyError `nn/shape` where nodes that share a parameter see it in different shapes
 */
export function deviceParametersOf({ nodes }: Pick<Network, 'nodes'>): readonly Parameter[] {
  const parameters = new Map<string, Parameter>();
  for (const parameter of nodes.flatMap(parametersOfNode)) {
    const known = parameters.get(parameter.name);
    if (known && layoutOf(known) !== layoutOf(parameter)) throw sharedUnequally(parameter.name);
    if (!known) parameters.set(parameter.name, parameter);
  }
  return [...parameters.values()];
}

/**
 * What is said of all parameters, in the order of the nodes. Shapes are PyTorch's, or those of the file.
 *
 * @throws StudyError `nn/shape` where nodes that share a parameter see it in different shapes
 */
export function parametersOf(network: Pick<Network, 'nodes'>): ParameterInfo[] {
  return deviceParametersOf(network).map(({ name, shape, role, outputAxis, initial }) => ({
    ...{ name, shape, role },
    ...(outputAxis && { outputAxis }),
    ...(initial && { initial }),
  }));
}

function layoutOf({ shape, order, deviceShape, role }: Parameter): string {
  return JSON.stringify([shape, order, deviceShape, role]);
}

function sharedUnequally(name: string): StudyError {
  return new StudyError(
    'nn/shape',
    `The parameter "${name}" is used by two layers in different shapes or roles, which is not supported. Give each layer a copy of its own.`,
  );
}

/** Whether it is a kernel that `Ops.convolve` takes, `[h, w, i, o]`. */
export function isEngineKernel({ role, shape, deviceShape }: Parameter): boolean {
  return role === 'kernel' && shape.length === 4 && !deviceShape;
}

/** Whether it is a kernel of a depthwise convolution, `[h, w, channels, outputs of each]`: its last two axes are the outputs. */
export function isDepthwiseKernel({ role, deviceShape }: Parameter): boolean {
  return role === 'kernel' && deviceShape?.length === 4;
}

/** The shape that the engines keep a parameter in. */
export function deviceShapeOf({ shape, order, deviceShape }: Parameter): readonly number[] {
  return deviceShape ?? (order ? order.map((axis) => shape[axis]!) : shape);
}

/**
 * A parameter's values in the engines' order, row-major.
 * @param values of `parameter.shape`, row-major; not copied where the order is the same
 */
export function toDevice({ shape, order }: Parameter, values: Float32Array): Float32Array {
  return order ? reordered(values, shape, order) : values;
}

/** A parameter's values as `parameter.shape` has them; `values` as the engines keep them. */
export function fromDevice({ shape, order }: Parameter, values: Float32Array): Float32Array {
  if (!order) return values;
  const onDevice = order.map((axis) => shape[axis]!);
  return reordered(
    values,
    onDevice,
    order.map((_, axis) => order.indexOf(axis)),
  );
}

/** Axis i of the result is axis `order[i]` of `values`. */
function reordered(values: Float32Array, shape: readonly number[], order: readonly number[]): Float32Array {
  const steps = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const [lengths, strides] = [order.map((axis) => shape[axis]!), order.map((axis) => steps[axis]!)];
  const result = new Float32Array(values.length);
  const last = order.length - 1;
  let target = 0;
  const fill = (axis: number, from: number): void => {
    const [length, step] = [lengths[axis]!, strides[axis]!];
    for (let i = 0, at = from; i < length; i++, at += step) {
      if (axis === last) result[target++] = values[at]!;
      else fill(axis + 1, at);
    }
  };
  fill(0, 0);
  return result;
}

/** The axes of a parameter in its own layout. */
export function axesOf(shape: readonly number[]): string {
  return ['', 'o', 'o i', 'o i w', 'o i h w'][shape.length] ?? shape.map((_, axis) => `a${axis}`).join(' ');
}
