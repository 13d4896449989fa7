import type { Weights } from '@espalier/core';
import { type DType, type Ops, type Tensor, toHwio, transposed } from '@espalier/engine';
import { foldBatchNorm } from './fold-batch-norm.ts';
import {
  type ConvolutionLayer,
  convolutionsOf,
  type FeatureLayer,
  type Network,
  poolWindow,
  type ResidualLayer,
} from './network.ts';

interface FoldedKernel {
  readonly kernel: Tensor;
  readonly bias: Tensor;
}

/** Takes the gradient with respect to a layer's output to the one with respect to its input. */
type Pullback = (dy: Tensor) => Tensor;

/**
 * A network as it is evaluated and explained: BatchNorm folded into the convolutions, weights on the device.
 *
 * Calls must run inside a scope of `ops`; what they return belongs to that scope.
 */
export class FrozenNetwork implements Disposable {
  readonly #ops: Ops;
  readonly #network: Network;
  readonly #dtype: DType;
  readonly #folded = new Map<string, FoldedKernel>();
  readonly #dense: FoldedKernel;

  constructor(ops: Ops, network: Network, weights: Weights, dtype: DType) {
    this.#ops = ops;
    this.#network = network;
    this.#dtype = dtype;
    for (const convolution of network.stages.flatMap(({ layer }) => convolutionsOf(layer))) {
      this.#folded.set(convolution.name, this.#fold(convolution, weights));
    }
    const { name, inputs, outputs } = network.classifier;
    this.#dense = ops.scope((keep) => ({
      kernel: keep(ops.upload(transposed(valuesOf(weights, `${name}.weight`), [outputs, inputs]), [inputs, outputs])),
      bias: keep(ops.upload(valuesOf(weights, `${name}.bias`), [outputs])),
    }));
  }

  /** Activation after the first `end` stages, in the network's dtype. `x` is float32 and normalised. */
  features(x: Tensor, end = this.#network.stages.length): Tensor {
    return this.#through(this.#ops.cast(x, this.#dtype), 0, end);
  }

  /** Logits `[n, k]`, float32, from an activation after the first `start` stages. */
  logits(activation: Tensor, start = this.#network.stages.length): Tensor {
    const x = this.#ops.cast(activation, this.#dtype);
    const means = this.#ops.spatialMean(this.#through(x, start, this.#network.stages.length));
    const product = this.#ops.matmul(this.#ops.cast(means, 'float32'), this.#dense.kernel);
    return this.#ops.addBias(product, this.#dense.bias);
  }

  /** d sum(upstream * logits) / dx for normalised `x`, float32. Logits are linear in the features: none are needed. */
  inputGradient(x: Tensor, upstream: Tensor): Tensor {
    const ops = this.#ops;
    const pullbacks: Pullback[] = [];
    let h = ops.cast(x, this.#dtype);
    for (const { layer } of this.#network.stages) {
      const [y, pullback] = this.#traced(layer, h);
      pullbacks.push(pullback);
      h = y;
    }
    const [, height, width] = h.shape as [number, number, number, number]; // activations are n h w c
    const dMeans = ops.cast(ops.matmul(upstream, this.#dense.kernel, { b: true }), this.#dtype);
    let d = ops.spatialMeanGradient(dMeans, height, width);
    for (const pullback of pullbacks.reverse()) {
      const dx = pullback(d);
      ops.release(d);
      d = dx;
    }
    return ops.cast(d, 'float32');
  }

  [Symbol.dispose](): void {
    for (const { kernel, bias } of [...this.#folded.values(), this.#dense]) this.#ops.release(kernel, bias);
  }

  #fold(layer: ConvolutionLayer, weights: Weights): FoldedKernel {
    const { name, norm, inputs, outputs, size } = layer;
    const folded = foldBatchNorm(
      valuesOf(weights, `${name}.weight`),
      {
        scale: valuesOf(weights, `${norm}.weight`),
        shift: valuesOf(weights, `${norm}.bias`),
        mean: valuesOf(weights, `${norm}.running_mean`),
        variance: valuesOf(weights, `${norm}.running_var`),
      },
      this.#network.batchNorm.epsilon,
    );
    const { kernel, bias } = folded;
    return this.#ops.scope((keep) => {
      const hwio = this.#ops.upload(toHwio(kernel, [outputs, inputs, size, size]), [size, size, inputs, outputs]);
      const kept = keep(this.#ops.cast(hwio, this.#dtype));
      this.#ops.freeze(kept);
      return {
        kernel: kept,
        bias: keep(this.#ops.cast(this.#ops.upload(bias, [outputs]), this.#dtype)),
      };
    });
  }

  #through(x: Tensor, start: number, end: number): Tensor {
    let h = x;
    for (const { layer } of this.#network.stages.slice(start, end)) {
      const y = this.#apply(layer, h);
      if (h !== x) this.#ops.release(h);
      h = y;
    }
    return h;
  }

  #apply(layer: FeatureLayer, x: Tensor): Tensor {
    if (layer.kind === 'convolution') return this.#convolve(layer, x);
    if (layer.kind === 'max-pool') return this.#ops.maxPool(x, poolWindow(layer));
    return this.#ops.scope((keep) => {
      const residual = layer.shortcut ? this.#convolve(layer.shortcut, x) : x;
      let h = x;
      for (const inner of layer.body.slice(0, -1)) h = this.#convolve(inner, h);
      return keep(this.#convolve(layer.body.at(-1)!, h, residual));
    });
  }

  /** A residual sum is computed in the pass of the body's last convolution, and is always followed by relu. */
  #convolve(layer: ConvolutionLayer, x: Tensor, residual?: Tensor): Tensor {
    const { kernel, bias } = this.#folded.get(layer.name)!;
    const relu = layer.relu || residual !== undefined;
    return this.#ops.convolve(x, kernel, layer, residual ? { bias, residual, relu } : { bias, relu });
  }

  /** Forward through `layer`, keeping what its backward needs. */
  #traced(layer: FeatureLayer, x: Tensor): [Tensor, Pullback] {
    if (layer.kind === 'residual') return this.#tracedResidual(layer, x);
    if (layer.kind === 'convolution') return this.#tracedConvolution(layer, x);
    const y = this.#ops.maxPool(x, poolWindow(layer));
    return [y, (dy) => this.#ops.maxPoolGradient(dy, x, y, poolWindow(layer))];
  }

  #tracedConvolution(layer: ConvolutionLayer, x: Tensor): [Tensor, Pullback] {
    const y = this.#convolve(layer, x);
    return [
      y,
      (dy) => this.#ops.scope((keep) => keep(this.#linearPullback(layer, this.#gated(layer, dy, y), x.shape))),
    ];
  }

  #tracedResidual(layer: ResidualLayer, x: Tensor): [Tensor, Pullback] {
    const ops = this.#ops;
    const residual = layer.shortcut ? this.#convolve(layer.shortcut, x) : x;
    const inner = layer.body.slice(0, -1);
    const last = layer.body.at(-1)!;
    const activations = [x];
    for (const convolution of inner) activations.push(this.#convolve(convolution, activations.at(-1)!));
    const y = this.#convolve(last, activations.at(-1)!, residual);
    if (layer.shortcut) ops.release(residual);
    const pullback: Pullback = (dy) =>
      ops.scope((keep) => {
        const dSum = ops.reluGradient(dy, y);
        let d = this.#linearPullback(last, dSum, activations.at(-1)!.shape);
        for (let i = inner.length - 1; i >= 0; i--) {
          const gated = this.#gated(inner[i]!, d, activations[i + 1]!);
          d = this.#linearPullback(inner[i]!, gated, activations[i]!.shape);
        }
        const dShortcut = layer.shortcut ? this.#linearPullback(layer.shortcut, dSum, x.shape) : dSum;
        return keep(ops.add(d, dShortcut));
      });
    return [y, pullback];
  }

  #gated(layer: ConvolutionLayer, dy: Tensor, y: Tensor): Tensor {
    return layer.relu ? this.#ops.reluGradient(dy, y) : dy;
  }

  #linearPullback(layer: ConvolutionLayer, dy: Tensor, inputShape: readonly number[]): Tensor {
    return this.#ops.convolveInputGradient(dy, this.#folded.get(layer.name)!.kernel, layer, inputShape);
  }
}

/** The values of one parameter. Weights are checked against the network before they come here. */
export function valuesOf(weights: Weights, name: string): Float32Array {
  return weights.get(name)!.data;
}
