import type { ParameterRole } from '@espalier/core';
import { imagesName, type Network, type Node } from '../graph/network.ts';
import type { Layer } from '../layers/layer.ts';
import type { ActivationLayer } from '../layers/values/activation.ts';

/** A value of a network that is being built: the node that gives it, and the length of its last axis. */
export interface Value {
  readonly name: string;
  readonly features: number;
}

/** A square window, in places. */
export interface SquareWindow {
  readonly kernel: number;
  /** 1 if absent. */
  readonly stride?: number;
  /** On each side; none if absent. */
  readonly padding?: number;
}

/** A convolution beside its window. */
export interface ConvolutionSettings extends SquareWindow {
  /** 1 if absent. */
  readonly groups?: number;
  /** None if absent. */
  readonly bias?: boolean;
}

/** Adds nodes one after the other, each with parameters of PyTorch's names under its own: `conv1` has `conv1.weight`. */
export class GraphBuilder {
  /** Normalised RGB images. */
  readonly images: Value = { name: imagesName, features: 3 };
  readonly #nodes: Node[] = [];

  /** Any layer, with the length of the last axis that it gives. */
  add(name: string, inputs: readonly Value[], layer: Layer, features: number): Value {
    this.#nodes.push({ name, inputs: inputs.map((input) => input.name), layer });
    return { name, features };
  }

  /** All nodes so far. */
  network(architecture: string, output: Value, stages: readonly string[]): Network {
    return { architecture, nodes: [...this.#nodes], output: output.name, stages };
  }

  convolution(name: string, x: Value, outputs: number, settings: ConvolutionSettings): Value {
    const { groups = 1, bias = false } = settings;
    const layer: Layer = {
      kind: 'convolution',
      weight: `${name}.weight`,
      bias: bias ? `${name}.bias` : null,
      inputs: x.features,
      outputs,
      dilation: [1, 1],
      groups,
      ...windowOf(settings),
    };
    return this.add(name, [x], layer, outputs);
  }

  /** @param module what its parameters are called, where that is not `name` */
  batchNorm(name: string, x: Value, module = name): Value {
    const layer: Layer = {
      kind: 'batch-norm',
      channels: x.features,
      scale: `${module}.weight`,
      shift: `${module}.bias`,
      mean: `${module}.running_mean`,
      variance: `${module}.running_var`,
      count: `${module}.num_batches_tracked`,
      epsilon: 1e-5,
      momentum: 0.1,
    };
    return this.add(name, [x], layer, x.features);
  }

  maxPool(name: string, x: Value, window: SquareWindow): Value {
    return this.add(name, [x], { kind: 'max-pool', ...windowOf(window) }, x.features);
  }

  relu(name: string, x: Value): Value {
    return this.add(name, [x], { kind: 'relu' }, x.features);
  }

  activation(name: string, x: Value, f: ActivationLayer['function']): Value {
    return this.add(name, [x], { kind: 'activation', function: f }, x.features);
  }

  sum(name: string, a: Value, b: Value): Value {
    return this.add(name, [a, b], { kind: 'add' }, a.features);
  }

  /** The mean over rows and columns. */
  globalMean(name: string, x: Value): Value {
    return this.add(name, [x], { kind: 'mean', axes: [0, 1], keepsAxes: false }, x.features);
  }

  /** @param names of the parameters, where they are not `<name>.weight` and `<name>.bias` */
  dense(name: string, x: Value, outputs: number, names = { weight: `${name}.weight`, bias: `${name}.bias` }): Value {
    return this.add(name, [x], { kind: 'dense', axes: 'o i', inputs: x.features, outputs, ...names }, outputs);
  }

  layerNorm(name: string, x: Value, epsilon: number): Value {
    const [scale, shift] = [`${name}.weight`, `${name}.bias`];
    return this.add(name, [x], { kind: 'layer-norm', size: x.features, scale, shift, epsilon }, x.features);
  }

  /** A learned value that is the same for every image; the node has the parameter's name. */
  parameter(name: string, shape: readonly number[], role: Exclude<ParameterRole, 'kernel' | 'statistic'>): Value {
    return this.add(name, [], { kind: 'parameter', parameter: name, shape, role }, shape.at(-1)!);
  }

  reshape(name: string, x: Value, shape: readonly number[]): Value {
    return this.add(name, [x], { kind: 'reshape', shape }, shape.at(-1)!);
  }

  /** @param features of the result: the length of the axis that becomes the last */
  transpose(name: string, x: Value, permutation: readonly number[], features: number): Value {
    return this.add(name, [x], { kind: 'transpose', permutation }, features);
  }
}

function windowOf({ kernel, stride = 1, padding = 0 }: SquareWindow) {
  return {
    kernel: [kernel, kernel],
    stride: [stride, stride],
    padding: [padding, padding, padding, padding],
  } as const;
}
