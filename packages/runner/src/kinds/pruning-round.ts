import type { Masks, Model, NdArray, Weights } from '@espalier/core';
import type { ModelValue } from '../artifacts/artifact-kinds.ts';
import { type Rewind, rewound } from './rewind.ts';

/** What one round of pruning does to the weights, besides removing some. */
export interface RoundRules {
  /** Counted from 1, since the dense model. */
  readonly round: number;
  /** Whether the masks are enforced from then on. */
  readonly enforceMasks: boolean;
  /** Where to go back to before training; undefined goes on from the weights as they are. */
  readonly back: { readonly initial: ModelValue; readonly rewind: Rewind } | undefined;
}

/** The model that a round trains: `model` with the masks applied, on its own weights or on those it goes back to. */
export async function appliedMasks(
  model: Model,
  masks: Masks,
  { round, enforceMasks, back }: RoundRules,
): Promise<Model> {
  if (enforceMasks && !back) return model.masked(masks);
  const own = await model.weights();
  const weights = back ? await rewound(own, { ...back, parameters: model.parameters, round }) : own;
  if (!enforceMasks) return model.withWeights(zeroedOnce(weights, masks));
  using masked = await model.masked(masks);
  return await masked.withWeights(weights);
}

/** Copies of the weights, zero where the masks are 0; nothing keeps them zero. */
function zeroedOnce(weights: Weights, masks: Masks): Weights {
  return new Map(
    [...weights].map(([name, array]): [string, NdArray] => {
      const mask = masks.get(name);
      return [name, mask ? { ...array, data: array.data.map((value, i) => (mask[i] === 0 ? 0 : value)) } : array];
    }),
  );
}
