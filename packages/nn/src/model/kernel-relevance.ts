import type { Weights } from '@espalier/core';
import type { Ops, Tensor } from '@espalier/engine';
import { foldedNames } from '../fusing/evaluated.ts';
import { mergedNorms } from '../fusing/fold-norms.ts';
import type { Network } from '../graph/network.ts';
import { ParameterSums } from './parameter-sums.ts';

/** Sums what kernels have a share in. A kernel that has taken up a BatchNorm counts as its own: its factor is in both or none. */
export class KernelRelevance {
  readonly #sums: ParameterSums;
  /** The kernel that was folded, by the name of what it became. */
  readonly #kernels: ReadonlyMap<string, string>;

  constructor(ops: Ops, network: Network) {
    this.#sums = new ParameterSums(ops, network);
    const { folds } = mergedNorms(network, new Set());
    this.#kernels = new Map(folds.map(({ layer, norm }) => [foldedNames(norm).weight, layer.weight]));
  }

  /** Adds what came of some images. */
  readonly add = (name: string, relevance: Tensor): void => {
    this.#sums.add(this.#kernels.get(name) ?? name, relevance);
  };

  /** One over `images` of the sums, for every kernel, in its own layout. */
  mean(images: number): Weights {
    const values = this.#sums.dividedBy(() => images);
    return this.#sums.laidOut(values, ({ role }) => role === 'kernel');
  }
}
