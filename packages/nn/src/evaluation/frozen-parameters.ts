import type { Weights } from '@espalier/core';
import type { DType, Ops, Tensor } from '@espalier/engine';
import type { OpenParameters } from '../graph/forward.ts';
import type { Node } from '../graph/network.ts';
import { deviceShapeOf, isEngineKernel, parametersOfNode, toDevice } from '../graph/parameters.ts';
import type { Parameter } from '../layers/kind.ts';

/** Parameters that no longer change, on the device until disposed of. */
export class FrozenParameters implements Disposable {
  readonly #ops: Ops;
  readonly #tensors = new Map<string, Tensor>();

  constructor(ops: Ops) {
    this.#ops = ops;
  }

  /**
   * Puts the parameters of `node` on the device, in `dtype` but for what must be exact. Must not run inside a scope, which would own them.
   * A name must have the same values every time.
   */
  load(node: Node, weights: Weights, dtype: DType): void {
    for (const parameter of parametersOfNode(node)) {
      const key = keyOf(parameter, dtype);
      if (!this.#tensors.has(key)) this.#tensors.set(key, this.#upload(parameter, weights, dtype));
    }
  }

  /** The parameters of `node`, which have been loaded. */
  open(node: Node, dtype: DType): OpenParameters {
    const parameters = parametersOfNode(node);
    const parameter = (name: string): Tensor =>
      this.#tensors.get(keyOf(parameters.find((each) => each.name === name)!, dtype))!;
    return { parameter, release: () => {} };
  }

  [Symbol.dispose](): void {
    this.#ops.release(...this.#tensors.values());
    this.#tensors.clear();
  }

  #upload(parameter: Parameter, weights: Weights, dtype: DType): Tensor {
    const values = weights.get(parameter.name)!.data;
    const tensor = this.#ops.scope((keep) => {
      const exact = this.#ops.upload(toDevice(parameter, values), deviceShapeOf(parameter));
      return keep(this.#ops.cast(exact, dtypeOf(parameter, dtype)));
    });
    if (isEngineKernel(parameter)) this.#ops.freeze(tensor);
    return tensor;
  }
}

function keyOf(parameter: Parameter, dtype: DType): string {
  return `${dtypeOf(parameter, dtype)} ${parameter.name}`;
}

function dtypeOf({ exact }: Parameter, dtype: DType): DType {
  return exact ? 'float32' : dtype;
}
