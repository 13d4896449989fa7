import type { Masks, NdArray, TrainOptions, Weights } from '@espalier/core';
import { ndArray, sizeOf } from '@espalier/core';
import type { Ops, Tensor, Variable } from '@espalier/engine';
import { axesOf, deviceShapeOf, fromDevice, isDepthwiseKernel, toDevice } from '../../graph/parameters.ts';
import type { Parameter } from '../../layers/kind.ts';
import { adamWRule, radamRule } from './adam-rules.ts';
import { Lookahead } from './lookahead.ts';

interface Slot {
  readonly parameter: Parameter;
  readonly name: string;
  readonly variable: Variable;
}

const slotNames = { sgd: ['velocity'], adamw: ['mean', 'square'], ranger: ['mean', 'square'] } as const;
const slowSlot = 'slow';

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
  readonly #lookahead: Lookahead | undefined;
  readonly #parameters: readonly Parameter[];

  /** @param state slots to continue from, by `<parameter>:<slot>`; zeros when absent */
  constructor(ops: Ops, parameters: readonly Parameter[], options: TrainOptions, masks: Masks, state?: Weights) {
    this.#ops = ops;
    this.#options = options;
    this.#parameters = parameters;
    const { optimizer } = options;
    if (optimizer.name === 'ranger') {
      const slow = slowWeights(parameters, masks, state);
      this.#lookahead = new Lookahead(ops, optimizer.lookaheadSteps, optimizer.lookaheadAlpha, slow);
    }
    for (const parameter of parameters) {
      const mask = masks.get(parameter.name);
      if (mask) this.#masks.set(parameter.name, this.#upload(parameter, Float32Array.from(mask)));
      for (const slot of slotNames[options.optimizer.name]) {
        const name = `${parameter.name}:${slot}`;
        const values = storedIn(state, name, mask);
        this.#slots.set(name, { parameter, name, variable: this.#variable(parameter, values) });
      }
    }
  }

  /** One step of `weight`; `step` counts from 1. The weight's last read must be released, or TensorFlow copies it. */
  update(parameter: Parameter, weight: Variable, gradient: Tensor, learningRate: number, step: number): void {
    const { optimizer } = this.#options;
    const decays = parameter.role === 'kernel' || this.#options.decayAll;
    const weightDecay = decays ? this.#options.weightDecay : 0;
    const slot = (name: string): Variable => this.#slots.get(`${parameter.name}:${name}`)!.variable;
    const moment = { learningRate, weightDecay, step };
    this.#lookahead?.before(parameter.name, weight);
    this.#ops.scope(() => {
      const mask = this.#masks.get(parameter.name);
      const centred =
        optimizer.name === 'ranger' && optimizer.centralize ? this.#centred(parameter, gradient) : gradient;
      const masked = mask ? this.#ops.multiply(centred, mask) : centred;
      if (optimizer.name === 'sgd') {
        this.#ops.applySgd(weight, slot('velocity'), masked, { ...optimizer, learningRate, weightDecay });
      } else {
        const rule = optimizer.name === 'ranger' ? radamRule(optimizer, moment) : adamWRule(optimizer, moment);
        this.#ops.applyAdam(weight, slot('mean'), slot('square'), masked, rule);
      }
    });
    this.#lookahead?.after(parameter.name, weight, step);
  }

  /** All slots in PyTorch's layout, by `<parameter>:<slot>`. */
  state(): Weights {
    const entry = (name: string, parameter: Parameter, values: Float32Array): [string, NdArray] => [
      name,
      ndArray(axesOf(parameter.shape), parameter.shape, fromDevice(parameter, values)),
    ];
    const slots = [...this.#slots.values()].map(({ name, parameter, variable }) =>
      entry(name, parameter, this.#ops.download(variable)),
    );
    const slow = this.#parameters.flatMap((parameter) => {
      const values = this.#lookahead?.slow.get(parameter.name);
      return values ? [entry(`${parameter.name}:${slowSlot}`, parameter, values.slice())] : [];
    });
    return new Map([...slots, ...slow]);
  }

  [Symbol.dispose](): void {
    this.#ops.release(...[...this.#slots.values()].map(({ variable }) => variable), ...this.#masks.values());
  }

  /** `gradient` minus its mean over all axes but the outputs', which come last: Yong et al. (2020), equation 1. */
  #centred(parameter: Parameter, gradient: Tensor): Tensor {
    const { shape } = parameter;
    if (shape.length < 2) return gradient;
    const size = sizeOf(shape);
    const outputs = isDepthwiseKernel(parameter) ? shape[0]! : gradient.shape.at(-1)!;
    const rows = gradient.shape.at(-1) === outputs ? gradient : this.#ops.reshape(gradient, [size / outputs, outputs]);
    const share = this.#ops.upload(new Float32Array(outputs).fill(-1 / (size / outputs)), [outputs]);
    const centred = this.#ops.addBias(rows, this.#ops.multiply(this.#ops.biasGradient(rows), share));
    return rows === gradient ? centred : this.#ops.reshape(centred, gradient.shape);
  }

  #variable(parameter: Parameter, values = new Float32Array(sizeOf(parameter.shape))): Variable {
    return this.#ops.variable(toDevice(parameter, values), deviceShapeOf(parameter));
  }

  #upload(parameter: Parameter, values: Float32Array): Tensor {
    return this.#ops.scope((keep) => keep(this.#ops.upload(toDevice(parameter, values), deviceShapeOf(parameter))));
  }
}

/** Slow weights of a checkpoint, in the device's layout. */
function slowWeights(
  parameters: readonly Parameter[],
  masks: Masks,
  state: Weights | undefined,
): ReadonlyMap<string, Float32Array> {
  return new Map(
    parameters.flatMap((parameter): [string, Float32Array][] => {
      const values = storedIn(state, `${parameter.name}:${slowSlot}`, masks.get(parameter.name));
      return values ? [[parameter.name, toDevice(parameter, values)]] : [];
    }),
  );
}

/** Values of a checkpoint under `name`, zero where the mask is. */
function storedIn(state: Weights | undefined, name: string, mask: Uint8Array | undefined) {
  return state?.get(name)?.data.map((value, i) => (mask?.[i] === 0 ? 0 : value));
}
