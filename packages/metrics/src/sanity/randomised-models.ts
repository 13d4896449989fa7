import type { Model } from '@espalier/core';
import type { LayerGroup } from './layer-groups.ts';
import type { MprtOptions } from './mprt-options.ts';
import {
  initialDistribution,
  permutation,
  type Randomise,
  randomMasks,
  torchReset,
  withValues,
} from './random-parameters.ts';

/** What the weights and the masks of a layer become. */
export interface Randomisation {
  readonly weights: Randomise;
  readonly masks: ReturnType<typeof randomMasks>;
}

/** What random network number `draw` is made by. */
export function randomisationOf(
  { weights, masks, seed }: Pick<MprtOptions, 'weights' | 'masks' | 'seed'>,
  draw: number,
): Randomisation {
  return { weights: randomise(weights, seed + draw), masks: randomMasks(masks, seed + draw) };
}

function randomise(weights: MprtOptions['weights'], seed: number): Randomise {
  if (weights === 'permuted') return permutation(seed);
  // Quantus seeds PyTorch with one more than its own seed.
  return weights === 'torch-reset' ? torchReset(seed + 1) : initialDistribution(seed);
}

/**
 * The model at each step of its randomisation, or at the last alone, disposed of when the next one is asked for.
 *
 * @param layers in the order in which they are randomised
 */
export async function* randomisedModels(
  model: Model,
  layers: readonly LayerGroup[],
  order: MprtOptions['order'],
  randomise: Randomisation,
  steps: 'every' | 'last',
): AsyncGenerator<Model> {
  const trained = await model.weights();
  let [weights, masks] = [trained, model.masks];
  for (const [step, layer] of layers.entries()) {
    const isAlone = order === 'independent';
    masks = randomise.masks(layer, isAlone ? model.masks : masks);
    const values = randomise.weights(layer, trained, { before: model.masks, after: masks });
    weights = withValues(isAlone ? trained : weights, values);
    if (steps === 'last' && step < layers.length - 1) continue;
    using randomised = await model.withWeights(weights, masks);
    yield randomised;
  }
}
