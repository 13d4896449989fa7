import { type NdArray, ndArray, sizeOf, type Weights } from '@espalier/core';
import type { Ops, Tensor } from '@espalier/engine';
import type { EvaluationForm } from '../evaluation/evaluation-form.ts';
import { affineNames, normOf } from '../fusing/evaluated.ts';
import type { Network, Node } from '../graph/network.ts';
import { axesOf, deviceParametersOf, fromDevice } from '../graph/parameters.ts';
import type { BatchNormLayer } from '../layers/norms/batch-norm.ts';
import { crossEntropy } from '../training/cross-entropy.ts';

/** Sums gradients over parts of a batch, and takes those of BatchNorm's parameters from those of the affine layer that stood for it. */
export class ParameterGradients {
  readonly #network: Network;
  readonly #weights: Weights;
  /** By parameter, as they lie on the device. */
  readonly #sums = new Map<string, Float64Array>();

  constructor(network: Network, weights: Weights) {
    this.#network = network;
    this.#weights = weights;
  }

  /** Adds the gradients of the summed loss of some images. Must run inside a scope of `ops`. */
  add(ops: Ops, form: EvaluationForm, images: Tensor, labels: readonly number[]): void {
    const differentiate = (logits: Tensor): Tensor => {
      const { gradient } = crossEntropy(ops.download(logits), labels, 0);
      return ops.adopt(
        gradient.map((value) => value * labels.length),
        logits.shape,
      );
    };
    form.parameterGradients(images, differentiate, (name, gradient) => {
      const values = ops.download(gradient);
      const sum = this.#sums.get(name) ?? new Float64Array(values.length);
      for (let i = 0; i < values.length; i++) sum[i]! += values[i]!;
      this.#sums.set(name, sum);
    });
  }

  /** One over `count` of the sums, for every parameter but statistics, in its own layout. */
  mean(count: number): Weights {
    const means = new Map<string, Float32Array>();
    for (const [name, sum] of this.#sums) means.set(name, divided(sum, count));
    for (const node of this.#network.nodes) {
      if (node.layer.kind === 'batch-norm') this.#toNorm(node as Node<BatchNormLayer>, count, means); // its kind was looked at
    }
    return new Map(
      deviceParametersOf(this.#network)
        .filter(({ role }) => role !== 'statistic')
        .map((parameter): [string, NdArray] => {
          const { name, shape } = parameter;
          const values = means.get(name) ?? new Float32Array(sizeOf(shape)); // one that the logits do not depend on
          return [name, ndArray(axesOf(shape), shape, fromDevice(parameter, values))];
        }),
    );
  }

  /** factor = scale r and offset = shift - mean scale r, with r = 1 / sqrt(variance + epsilon). */
  #toNorm(node: Node<BatchNormLayer>, count: number, means: Map<string, Float32Array>): void {
    const { layer } = node;
    const names = affineNames(node);
    const [dFactor, dOffset] = [this.#sums.get(names.factor), this.#sums.get(names.offset)];
    if (!dFactor || !dOffset) return;
    const { mean, variance } = normOf(layer, this.#weights);
    const dScale = (c: number) => (dFactor[c]! - mean[c]! * dOffset[c]!) / Math.sqrt(variance[c]! + layer.epsilon);
    const before = (name: string, c: number) => means.get(name)?.[c] ?? 0; // two layers may share a norm
    means.set(
      layer.scale,
      Float32Array.from(dFactor, (_, c) => before(layer.scale, c) + dScale(c) / count),
    );
    means.set(
      layer.shift,
      Float32Array.from(dOffset, (value, c) => before(layer.shift, c) + value / count),
    );
  }
}

/** A loop: `Float32Array.from` goes by an iterator, which takes seconds for the values of a large network. */
function divided(sum: Float64Array, count: number): Float32Array {
  const values = new Float32Array(sum.length);
  for (let i = 0; i < sum.length; i++) values[i] = sum[i]! / count;
  return values;
}
