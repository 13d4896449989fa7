import type { Masks, NdArray, ParameterInfo, TrainOptions, Weights } from '@espalier/core';
import { ndArray, sizeOf } from '@espalier/core';
import { deviceShape, fromDevice, toDevice } from './device-layout.ts';
import type { Ops, Tensor, Variable } from './ops.ts';

interface Slot {
  readonly parameter: ParameterInfo;
  readonly name: string;
  readonly variable: Variable;
}

const slotNames = { sgd: ['velocity'], adamw: ['mean', 'square'] } as const;

/**
 * Changes weights by their gradients, in place on the device.
 *
 * Masks are held by masking the gradient: a removed weight starts at zero with zero optimizer state, so with a zero
 * gradient neither momentum nor weight decay can move it.
 */
export class Optimizer implements Disposable {
  readonly #ops: Ops;
  readonly #options: TrainOptions;
  readonly #slots = new Map<string, Slot>();
  readonly #masks = new Map<string, Tensor>();

  /** @param state slots to continue from, by `<parameter>:<slot>`; zeros when absent */
  constructor(ops: Ops, parameters: readonly ParameterInfo[], options: TrainOptions, masks: Masks, state?: Weights) {
    this.#ops = ops;
    this.#options = options;
    for (const parameter of parameters) {
      const mask = masks.get(parameter.name);
      if (mask) this.#masks.set(parameter.name, this.#upload(parameter, Float32Array.from(mask)));
      for (const slot of slotNames[options.optimizer.name]) {
        const name = `${parameter.name}:${slot}`;
        const values = state?.get(name)?.data.map((value, i) => (mask?.[i] === 0 ? 0 : value));
        this.#slots.set(name, { parameter, name, variable: this.#variable(parameter, values) });
      }
    }
  }

  /** One step of `weight`; `step` counts from 1. The weight's last read must be released, or TensorFlow copies it. */
  update(parameter: ParameterInfo, weight: Variable, gradient: Tensor, learningRate: number, step: number): void {
    const { optimizer } = this.#options;
    const decays = parameter.role === 'kernel' || this.#options.decayAll;
    const weightDecay = decays ? this.#options.weightDecay : 0;
    const slot = (name: string): Variable => this.#slots.get(`${parameter.name}:${name}`)!.variable;
    this.#ops.scope(() => {
      const mask = this.#masks.get(parameter.name);
      const masked = mask ? this.#ops.multiply(gradient, mask) : gradient;
      if (optimizer.name === 'sgd') {
        this.#ops.applySgd(weight, slot('velocity'), masked, { ...optimizer, learningRate, weightDecay });
      } else {
        const rule = { ...optimizer, learningRate, weightDecay, step };
        this.#ops.applyAdamW(weight, slot('mean'), slot('square'), masked, rule);
      }
    });
  }

  /** All slots in PyTorch's layout, by `<parameter>:<slot>`. */
  state(): Weights {
    return new Map(
      [...this.#slots.values()].map(({ name, parameter, variable }): [string, NdArray] => {
        const values = fromDevice(parameter, this.#ops.download(variable));
        return [name, ndArray(axesOf(parameter.shape), parameter.shape, values)];
      }),
    );
  }

  [Symbol.dispose](): void {
    this.#ops.release(...[...this.#slots.values()].map(({ variable }) => variable), ...this.#masks.values());
  }

  #variable(parameter: ParameterInfo, values = new Float32Array(sizeOf(parameter.shape))): Variable {
    return this.#ops.variable(toDevice(parameter, values), deviceShape(parameter));
  }

  #upload(parameter: ParameterInfo, values: Float32Array): Tensor {
    return this.#ops.scope((keep) => keep(this.#ops.upload(toDevice(parameter, values), deviceShape(parameter))));
  }
}

/** The axes of a parameter in PyTorch's layout. */
export function axesOf(shape: readonly number[]): string {
  return ['', 'o', 'o i', '', 'o i h w'][shape.length] ?? '';
}
