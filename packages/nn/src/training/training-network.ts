import { type NdArray, ndArray, type Weights } from '@espalier/core';
import type { DType, Ops, Tensor, Variable } from '@espalier/engine';
import { backward, withGradient } from '../graph/backward.ts';
import { exactNodes } from '../graph/exact-nodes.ts';
import { type Computing, forward, type OpenParameters } from '../graph/forward.ts';
import { kindOf } from '../graph/kinds.ts';
import { neededFor } from '../graph/needed-nodes.ts';
import { imagesName, type Network, type Node } from '../graph/network.ts';
import {
  axesOf,
  deviceParametersOf,
  deviceShapeOf,
  fromDevice,
  parametersOfNode,
  toDevice,
} from '../graph/parameters.ts';
import { type Keeps, keepsNothing, type Parameter } from '../layers/kind.ts';

/** Receives the gradient of one parameter as soon as the backward pass has it. */
export type GradientConsumer = (parameter: Parameter, weight: Variable, gradient: Tensor) => void;

/** A network as it is trained: BatchNorm on batch statistics, float32 weights that change in place. */
export class TrainingNetwork implements Disposable {
  readonly #ops: Ops;
  readonly #network: Network;
  readonly #dtype: DType;
  readonly #nodes: readonly Node[];
  readonly #trained: ReadonlySet<string>;
  readonly #parameters: ReadonlyMap<string, Parameter>;
  readonly #variables = new Map<string, Variable>();
  /** PyTorch's `num_batches_tracked`; counted here, since nothing on the device needs it. */
  readonly #batchCounts = new Map<string, number>();

  constructor(ops: Ops, network: Network, weights: Weights, dtype: DType) {
    this.#ops = ops;
    this.#network = network;
    this.#dtype = dtype;
    this.#nodes = neededFor(network, network.output, imagesName);
    this.#trained = withGradient(this.#nodes, null, true);
    this.#parameters = new Map(deviceParametersOf(network).map((parameter) => [parameter.name, parameter]));
    for (const [name, parameter] of this.#parameters) {
      const { data } = weights.get(name)!; // weights are checked against the network before they come here
      if (parameter.shape.length === 0 && parameter.role === 'statistic') this.#batchCounts.set(name, data[0]!);
      else this.#variables.set(name, ops.variable(toDevice(parameter, data), deviceShapeOf(parameter)));
    }
  }

  /**
   * One forward and backward pass. Must run inside a scope of `ops`.
   *
   * @param x float32, normalised
   * @param differentiate takes the logits `n k`, returns d loss / d logits
   */
  pass(x: Tensor, differentiate: (logits: Float32Array) => Float32Array, consume: GradientConsumer): void {
    const ops = this.#ops;
    const exact = exactNodes(this.#network);
    const dtypeOf = ({ name }: Node): DType => (exact.has(name) ? 'float32' : this.#dtype);
    const computing: Computing = { ops, dtypeOf, open: (node) => this.#open(node, dtypeOf(node)) };
    const { value, steps } = forward(computing, {
      nodes: this.#nodes,
      given: new Map([[imagesName, ops.cast(x, this.#dtype)]]),
      target: this.#network.output,
      keeps: (node) => this.#keeps(node),
      update: (name, statistic) => this.#update(name, statistic),
    });
    const dLogits = ops.adopt(differentiate(ops.download(value)), value.shape);
    backward(ops, steps, dLogits, {
      wanted: this.#trained,
      source: null,
      consume: (name, gradient) => consume(this.#parameters.get(name)!, this.#variables.get(name)!, gradient),
    });
    for (const [name, count] of this.#batchCounts) this.#batchCounts.set(name, count + 1);
  }

  /** All parameters, in the layout of the file. */
  weights(): Weights {
    return new Map(
      [...this.#parameters].map(([name, parameter]): [string, NdArray] => {
        const variable = this.#variables.get(name);
        const values = variable
          ? fromDevice(parameter, this.#ops.download(variable))
          : Float32Array.of(this.#batchCounts.get(name)!);
        return [name, ndArray(axesOf(parameter.shape), parameter.shape, values)];
      }),
    );
  }

  [Symbol.dispose](): void {
    this.#ops.release(...this.#variables.values());
  }

  #keeps(node: Node): Keeps {
    return (this.#trained.has(node.name) && kindOf(node.layer).keeps?.(node.layer, true)) || keepsNothing;
  }

  #update(name: string, statistic: Tensor): void {
    this.#ops.assign(this.#variables.get(name)!, statistic);
    this.#ops.release(statistic);
  }

  /** Never two handles on one float32 value: the update would have to copy the weights. */
  #open(node: Node, dtype: DType): OpenParameters {
    const read = new Map(
      parametersOfNode(node)
        .filter(({ name }) => this.#variables.has(name))
        .map(({ name, exact }) => [name, this.#read(name, exact ? 'float32' : dtype)]),
    );
    return { parameter: (name) => read.get(name)!, release: () => this.#ops.release(...read.values()) };
  }

  #read(name: string, dtype: DType): Tensor {
    const exact = this.#ops.read(this.#variables.get(name)!);
    if (dtype === 'float32') return exact;
    const value = this.#ops.cast(exact, dtype);
    this.#ops.release(exact);
    return value;
  }
}
