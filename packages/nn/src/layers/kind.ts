import type { ParameterInfo } from '@espalier/core';
import type { DType, Ops, Tensor } from '@espalier/engine';
import type { Shape } from './shape.ts';

/** A parameter, and how it lies on the device. */
export interface Parameter extends ParameterInfo {
  /** Axis i on the device is axis `order[i]` of `shape`; absent where they are in the same order. */
  readonly order?: readonly number[];
  /** The shape on the device after reordering, where axes are joined or added. */
  readonly deviceShape?: readonly number[];
  /** Values that one output is computed from, of kernels and their biases. */
  readonly inputs?: number;
  /** Always float32 on the device: what normalises is not rounded. */
  readonly exact?: boolean;
}

/** What a layer computes with. */
export interface Step {
  readonly ops: Ops;
  /** Of the inputs and the result. */
  readonly dtype: DType;
  /** Values of the inputs, with the batch first; their shapes can be read even where `keeps` let the values go. */
  readonly inputs: readonly Tensor[];
  /** A parameter by name, as it lies on the device. */
  readonly parameter: (name: string) => Tensor;
}

/** A step forward. */
export interface Forward extends Step {
  /** Whether there is a backward step. */
  readonly hasWayBack: boolean;
  /** What the backward step needs besides inputs and output; given back there as `saved`. */
  readonly save: (...values: readonly Tensor[]) => void;
  /** The new value of a running statistic. */
  readonly update: (name: string, value: Tensor) => void;
}

/** A step backward. */
export interface Backward extends Step {
  readonly output: Tensor;
  /** Gradient with respect to the output. */
  readonly dy: Tensor;
  readonly saved: readonly Tensor[];
  /** For each input, whether anybody wants its gradient. */
  readonly wanted: readonly boolean[];
  /** Receives a parameter's gradient, as it lies on the device; null where no parameter's is wanted. */
  readonly gradient: ((name: string, value: Tensor) => void) | null;
}

/** What the backward step reads of the forward one; the rest is released as soon as no later layer needs it. */
export interface Keeps {
  readonly inputs: boolean;
  readonly output: boolean;
}

/** What a layer multiplies and adds for one image: each weight of its kernel so often, or values of the network with each other. */
export type Products = { readonly kernel: string; readonly perWeight: number } | { readonly ofValues: number };

/** One kind of layer: parameters, output shape, forward, backward. Evaluation and training share it. */
export interface LayerKind<Layer> {
  /** None if absent. */
  readonly parameters?: (layer: Layer) => readonly Parameter[];
  /** @throws StudyError `nn/shape` when the inputs do not fit */
  readonly shape: (layer: Layer, inputs: readonly Shape[]) => Shape;
  /** None if absent: what is counted is products within sums, see `MultiplyAccumulates` of core. */
  readonly products?: (layer: Layer, inputs: readonly Shape[], output: Shape) => Products;
  /** Neither, if absent. */
  readonly keeps?: (layer: Layer, forParameters: boolean) => Keeps;
  readonly forward: (step: Forward, layer: Layer) => Tensor;
  /**
   * The gradients of the inputs, null where not wanted: tensors of their own, never `dy` itself. It runs in a scope that releases what is left
   * over; what goes to `gradient` must not belong to a scope inside.
   */
  readonly backward: (step: Backward, layer: Layer) => readonly (Tensor | null)[];
}

/** Keeps nothing: the gradient depends on the parameters and shapes alone. */
export const keepsNothing: Keeps = { inputs: false, output: false };
export const keepsInputs: Keeps = { inputs: true, output: false };
export const keepsOutput: Keeps = { inputs: false, output: true };
