import { type NdArray, ndArray, sizeOf, type Weights } from '@espalier/core';
import type { Ops, Tensor } from '@espalier/engine';
import type { Network } from '../graph/network.ts';
import { axesOf, deviceParametersOf, fromDevice } from '../graph/parameters.ts';
import type { Parameter } from '../layers/kind.ts';

/** Sums over parts of a batch, in float64, of what lies on the device as parameters do. */
export class ParameterSums {
  readonly #ops: Ops;
  readonly #parameters: readonly Parameter[];
  readonly #sums = new Map<string, Float64Array>();

  constructor(ops: Ops, network: Network) {
    this.#ops = ops;
    this.#parameters = deviceParametersOf(network);
  }

  add(name: string, summand: Tensor): void {
    const values = this.#ops.download(summand);
    const sum = this.#sums.get(name) ?? new Float64Array(values.length);
    for (let i = 0; i < values.length; i++) sum[i]! += values[i]!;
    this.#sums.set(name, sum);
  }

  of(name: string): Float64Array | undefined {
    return this.#sums.get(name);
  }

  /** Each sum over its divisor, as it lies on the device. */
  dividedBy(divisorOf: (name: string) => number): Map<string, Float32Array> {
    return new Map([...this.#sums].map(([name, sum]) => [name, divided(sum, divisorOf(name))]));
  }

  /** `values` of the parameters that `wanted` says, in their own layout; zeros of those that nothing was added for. */
  laidOut(values: ReadonlyMap<string, Float32Array>, wanted: (parameter: Parameter) => boolean): Weights {
    return new Map(
      this.#parameters.filter(wanted).map((parameter): [string, NdArray] => {
        const { name, shape } = parameter;
        const own = values.get(name) ?? new Float32Array(sizeOf(shape));
        return [name, ndArray(axesOf(shape), shape, fromDevice(parameter, own))];
      }),
    );
  }
}

/** A loop: `Float32Array.from` goes by an iterator, which takes seconds for the values of a large network. */
function divided(sum: Float64Array, divisor: number): Float32Array {
  const values = new Float32Array(sum.length);
  for (let i = 0; i < sum.length; i++) values[i] = sum[i]! / divisor;
  return values;
}
