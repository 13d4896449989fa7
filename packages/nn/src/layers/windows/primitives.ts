import type { ConvolutionEpilogue, Ops, Tensor, Window } from '@espalier/engine';
import { type ConvolutionLayer, isDepthwise } from './convolution-layer.ts';

/** A convolution of square steps and equal borders, and its two gradients. */
export interface Primitive {
  forward(x: Tensor, kernel: Tensor, window: Window, epilogue: ConvolutionEpilogue): Tensor;
  inputGradient(dy: Tensor, kernel: Tensor, window: Window, inputShape: readonly number[]): Tensor;
  kernelGradient(dy: Tensor, x: Tensor, window: Window, kernelShape: readonly number[]): Tensor;
}

/** The engine's convolution for the groups of `layer`. */
export function primitiveOf(ops: Ops, layer: ConvolutionLayer): Primitive {
  if (layer.groups === 1) return ofOneGroup(ops);
  return isDepthwise(layer) ? depthwise(ops) : grouped(ops, layer.groups);
}

function ofOneGroup(ops: Ops): Primitive {
  return {
    forward: (x, kernel, window, epilogue) => ops.convolve(x, kernel, window, epilogue),
    inputGradient: (dy, kernel, window, inputShape) => ops.convolveInputGradient(dy, kernel, window, inputShape),
    kernelGradient: (dy, x, window, kernelShape) => ops.convolveKernelGradient(dy, x, window, kernelShape),
  };
}

function depthwise(ops: Ops): Primitive {
  return {
    forward(x, kernel, window, { residual, ...epilogue }) {
      if (!residual) return ops.convolveDepthwise(x, kernel, window, epilogue);
      return ops.scope((keep) =>
        keep(finished(ops, ops.convolveDepthwise(x, kernel, window), { ...epilogue, residual })),
      );
    },
    inputGradient: (dy, kernel, window, shape) => ops.convolveDepthwiseInputGradient(dy, kernel, window, shape),
    kernelGradient: (dy, x, window, shape) => ops.convolveDepthwiseKernelGradient(dy, x, window, shape),
  };
}

/** Group by group: `groups` even parts of the channels of inputs and outputs. */
function grouped(ops: Ops, groups: number): Primitive {
  const one = ofOneGroup(ops);
  const part = (x: Tensor, group: number) => partOf(ops, x, group, groups);
  const each = (compute: (group: number) => Tensor) =>
    ops.scope((keep) =>
      keep(
        ops.concat(
          Array.from({ length: groups }, (_, group) => compute(group)),
          3,
        ),
      ),
    );
  return {
    forward: (x, kernel, window, epilogue) =>
      ops.scope((keep) => {
        const sum = each((group) => one.forward(part(x, group), part(kernel, group), window, {}));
        return keep(finished(ops, sum, epilogue));
      }),
    inputGradient: (dy, kernel, window, inputShape) => {
      const shape = inputShape.with(3, inputShape[3]! / groups);
      return each((group) => one.inputGradient(part(dy, group), part(kernel, group), window, shape));
    },
    kernelGradient: (dy, x, window, kernelShape) => {
      const shape = kernelShape.with(3, kernelShape[3]! / groups);
      return each((group) => one.kernelGradient(part(dy, group), part(x, group), window, shape));
    },
  };
}

/** One of `parts` even parts of the last axis. */
function partOf(ops: Ops, x: Tensor, part: number, parts: number): Tensor {
  const last = x.shape.length - 1;
  const length = x.shape[last]! / parts;
  return ops.slice(
    x,
    x.shape.map((_, axis) => (axis === last ? part * length : 0)),
    x.shape.with(last, length),
  );
}

/** What may follow a convolution, in passes of their own. */
export function finished(ops: Ops, sum: Tensor, { bias, residual, relu, activation }: ConvolutionEpilogue): Tensor {
  const biased = bias ? ops.addBias(sum, bias) : sum;
  const added = residual ? ops.add(biased, residual) : biased;
  if (activation) return ops.activate(added, activation);
  return relu ? ops.relu(added) : added;
}
