import { type NdArray, ndArray, type ParameterInfo, type Weights } from '@espalier/core';
import { type DType, deviceShape, fromDevice, type Ops, type Tensor, toDevice, type Variable } from '@espalier/engine';
import {
  type ConvolutionLayer,
  type FeatureLayer,
  type MaxPoolLayer,
  type Network,
  parametersOf,
  poolWindow,
  type ResidualLayer,
} from './network.ts';
import { axesOf } from './optimizers/optimizer.ts';

/** Receives the gradient of one parameter as soon as the backward pass has it. */
export type GradientConsumer = (parameter: ParameterInfo, weight: Variable, gradient: Tensor) => void;

/** The input's gradient, or null where nobody needs it. Hands parameter gradients to the consumer. */
type Pullback = (dy: Tensor, consume: GradientConsumer) => Tensor | null;

type Traced = readonly [y: Tensor, pullback: Pullback];

/** A network as it is trained: BatchNorm on batch statistics, float32 weights that change in place. */
export class TrainingNetwork implements Disposable {
  readonly #ops: Ops;
  readonly #network: Network;
  readonly #dtype: DType;
  readonly #parameters: ReadonlyMap<string, ParameterInfo>;
  readonly #variables = new Map<string, Variable>();
  /** PyTorch's `num_batches_tracked`; counted here, since nothing on the device needs it. */
  readonly #batchCounts = new Map<string, number>();

  constructor(ops: Ops, network: Network, weights: Weights, dtype: DType) {
    this.#ops = ops;
    this.#network = network;
    this.#dtype = dtype;
    this.#parameters = new Map(parametersOf(network).map((parameter) => [parameter.name, parameter]));
    for (const [name, parameter] of this.#parameters) {
      const { data } = weights.get(name)!; // weights are checked against the network before they come here
      if (parameter.shape.length === 0) this.#batchCounts.set(name, data[0]!);
      else this.#variables.set(name, ops.variable(toDevice(parameter, data), deviceShape(parameter)));
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
    const pullbacks: Pullback[] = [];
    const outputs: Tensor[] = [];
    let h = ops.cast(x, this.#dtype);
    this.#network.stages.forEach(({ layer }, i) => {
      const [y, pullback] = this.#traced(layer, h, i > 0);
      pullbacks.push(pullback);
      outputs.push(y);
      h = y;
    });
    let d: Tensor | null = this.#classified(h, differentiate, consume);
    for (const pullback of pullbacks.reverse()) {
      const dx: Tensor | null = pullback(d!, consume);
      ops.release(d!, outputs.pop()!);
      d = dx;
    }
    for (const [name, count] of this.#batchCounts) this.#batchCounts.set(name, count + 1);
  }

  /** All parameters, in PyTorch's layout. */
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

  #traced(layer: FeatureLayer, x: Tensor, needsInput: boolean): Traced {
    if (layer.kind === 'residual') return this.#residual(layer, x);
    if (layer.kind === 'max-pool') return this.#maxPool(layer, x);
    return this.#convolution(layer, x, needsInput);
  }

  #maxPool(layer: MaxPoolLayer, x: Tensor): Traced {
    const y = this.#ops.maxPool(x, poolWindow(layer));
    return [y, (dy) => this.#ops.maxPoolGradient(dy, x, y, poolWindow(layer))];
  }

  #convolution(layer: ConvolutionLayer, x: Tensor, needsInput = true): Traced {
    const ops = this.#ops;
    const kernel = this.#kernel(layer);
    const sum = ops.convolve(x, kernel, layer);
    const [normalised, normPullback] = this.#batchNorm(layer, sum);
    const y = layer.relu ? ops.relu(normalised) : normalised;
    if (layer.relu) ops.release(normalised);
    const pullback: Pullback = (dy, consume) =>
      ops.scope((keep) => {
        const dSum = normPullback(layer.relu ? ops.reluGradient(dy, y) : dy, consume)!;
        const dx = needsInput ? keep(ops.convolveInputGradient(dSum, kernel, layer, x.shape)) : null;
        const dKernel = ops.convolveKernelGradient(dSum, x, layer, kernel.shape);
        ops.release(sum, kernel, dSum);
        this.#consume(`${layer.name}.weight`, ops.cast(dKernel, 'float32'), consume);
        return dx;
      });
    return [y, pullback];
  }

  #batchNorm({ norm }: ConvolutionLayer, x: Tensor): Traced {
    const ops = this.#ops;
    const { epsilon } = this.#network.batchNorm;
    const scale = this.#read(`${norm}.weight`);
    const parameters = {
      scale,
      shift: this.#read(`${norm}.bias`),
      runningMean: this.#read(`${norm}.running_mean`),
      runningVariance: this.#read(`${norm}.running_var`),
    };
    const { y, runningMean, runningVariance, saved } = ops.batchNorm(x, parameters, this.#network.batchNorm);
    ops.release(parameters.shift, parameters.runningMean, parameters.runningVariance);
    ops.assign(this.#variables.get(`${norm}.running_mean`)!, runningMean);
    ops.assign(this.#variables.get(`${norm}.running_var`)!, runningVariance);
    ops.release(runningMean, runningVariance);
    const pullback: Pullback = (dy, consume) => {
      const { dx, dScale, dShift } = ops.batchNormGradient(dy, x, scale, saved, epsilon);
      ops.release(scale, ...saved);
      this.#consume(`${norm}.weight`, dScale, consume);
      this.#consume(`${norm}.bias`, dShift, consume);
      return dx;
    };
    return [y, pullback];
  }

  #residual(layer: ResidualLayer, x: Tensor): Traced {
    const ops = this.#ops;
    const shortcut = layer.shortcut && this.#convolution(layer.shortcut, x);
    const pullbacks: Pullback[] = [];
    const inner: Tensor[] = [];
    let h = x;
    for (const convolution of layer.body) {
      const [y, pullback] = this.#convolution(convolution, h);
      pullbacks.push(pullback);
      inner.push(y);
      h = y;
    }
    const sum = ops.add(h, shortcut ? shortcut[0] : x);
    const y = ops.relu(sum);
    ops.release(sum, inner.pop()!, ...(shortcut ? [shortcut[0]] : []));
    const pullback: Pullback = (dy, consume) =>
      ops.scope((keep) => {
        const dSum = ops.reluGradient(dy, y);
        let d = dSum;
        for (const inside of pullbacks.reverse()) d = inside(d, consume)!;
        const dShortcut = shortcut ? shortcut[1](dSum, consume)! : dSum;
        ops.release(...inner);
        return keep(ops.add(d, dShortcut));
      });
    return [y, pullback];
  }

  /** The head in float32, its loss, and the gradient with respect to the last activation. */
  #classified(x: Tensor, differentiate: (logits: Float32Array) => Float32Array, consume: GradientConsumer): Tensor {
    const ops = this.#ops;
    const { name } = this.#network.classifier;
    const [n, height, width] = x.shape as [number, number, number, number]; // activations are n h w c
    return ops.scope((keep) => {
      const kernel = this.#read(`${name}.weight`);
      const means = ops.cast(ops.spatialMean(x), 'float32');
      const bias = this.#read(`${name}.bias`);
      const logits = ops.addBias(ops.matmul(means, kernel), bias);
      const dLogits = ops.adopt(differentiate(ops.download(logits)), [n, kernel.shape[1]!]);
      const dMeans = ops.matmul(dLogits, kernel, { b: true });
      const dKernel = ops.matmul(means, dLogits, { a: true });
      const dBias = ops.biasGradient(dLogits);
      ops.release(kernel, bias);
      this.#consume(`${name}.weight`, dKernel, consume);
      this.#consume(`${name}.bias`, dBias, consume);
      return keep(ops.spatialMeanGradient(ops.cast(dMeans, this.#dtype), height, width));
    });
  }

  /** Never two handles on one float32 value: the update would have to copy the kernel. */
  #kernel({ name }: ConvolutionLayer): Tensor {
    const exact = this.#read(`${name}.weight`);
    if (this.#dtype === 'float32') return exact;
    const kernel = this.#ops.cast(exact, this.#dtype);
    this.#ops.release(exact);
    return kernel;
  }

  #read(name: string): Tensor {
    return this.#ops.read(this.#variables.get(name)!);
  }

  #consume(name: string, gradient: Tensor, consume: GradientConsumer): void {
    consume(this.#parameters.get(name)!, this.#variables.get(name)!, gradient);
    this.#ops.release(gradient);
  }
}
