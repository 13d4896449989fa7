import type { NdArray, Weights } from '@espalier/core';
import type { Ops, Tensor } from '@espalier/engine';
import type { EvaluationForm } from '../evaluation/evaluation-form.ts';
import { affineNames, normOf } from '../fusing/evaluated.ts';
import type { Network, Node } from '../graph/network.ts';
import type { BatchNormLayer } from '../layers/norms/batch-norm.ts';
import { crossEntropy } from '../training/cross-entropy.ts';
import { ParameterSums } from './parameter-sums.ts';

/** Sums gradients over parts of a batch, and takes those of BatchNorm's parameters from those of the affine layer that stood for it. */
export class ParameterGradients {
  readonly #ops: Ops;
  readonly #network: Network;
  readonly #weights: Weights;
  readonly #sums: ParameterSums;

  constructor(ops: Ops, network: Network, weights: Weights) {
    this.#ops = ops;
    this.#network = network;
    this.#weights = weights;
    this.#sums = new ParameterSums(ops, network);
  }

  /**
   * Adds the gradients of the summed cross-entropy of some images with labels, or of the sum of slope x logit. Must run inside a scope.
   */
  add(form: EvaluationForm, images: Tensor, of: readonly number[] | NdArray<'n k'>): void {
    const differentiate = (logits: Tensor) =>
      this.#ops.adopt('data' in of ? of.data.slice() : this.#ofLoss(logits, of), logits.shape);
    form.parameterGradients(images, differentiate, (name, gradient) => this.#sums.add(name, gradient));
  }

  /** The sums over `divisor`, for every parameter but statistics, in its own layout. */
  dividedBy(divisor: number): Weights {
    const quotients = this.#sums.dividedBy(() => divisor);
    for (const node of this.#network.nodes) {
      if (node.layer.kind === 'batch-norm') this.#toNorm(node as Node<BatchNormLayer>, divisor, quotients); // its kind was looked at
    }
    return this.#sums.laidOut(quotients, ({ role }) => role !== 'statistic');
  }

  #ofLoss(logits: Tensor, labels: readonly number[]): Float32Array {
    const { gradient } = crossEntropy(this.#ops.download(logits), labels, 0);
    return gradient.map((value) => value * labels.length);
  }

  /** factor = scale r and offset = shift - mean scale r, with r = 1 / sqrt(variance + epsilon). */
  #toNorm(node: Node<BatchNormLayer>, divisor: number, means: Map<string, Float32Array>): void {
    const { layer } = node;
    const names = affineNames(node);
    const [dFactor, dOffset] = [this.#sums.of(names.factor), this.#sums.of(names.offset)];
    if (!dFactor || !dOffset) return;
    const { mean, variance } = normOf(layer, this.#weights);
    const dScale = (c: number) => (dFactor[c]! - mean[c]! * dOffset[c]!) / Math.sqrt(variance[c]! + layer.epsilon);
    const before = (name: string, c: number) => means.get(name)?.[c] ?? 0; // two layers may share a norm
    means.set(
      layer.scale,
      Float32Array.from(dFactor, (_, c) => before(layer.scale, c) + dScale(c) / divisor),
    );
    means.set(
      layer.shift,
      Float32Array.from(dOffset, (value, c) => before(layer.shift, c) + value / divisor),
    );
  }
}
