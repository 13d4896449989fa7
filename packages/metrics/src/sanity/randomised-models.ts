import type { Model } from '@espalier/core';
import type { LayerGroup } from './layer-groups.ts';
import { type Randomise, withValues } from './random-parameters.ts';

/** Which layers are random at each step: one more each time, or one alone. */
export type RandomisationOrder = 'top-down' | 'bottom-up' | 'independent';

/** The layers in the order in which they are randomised. Only `top-down` begins at the output. */
export function inOrder(layers: readonly LayerGroup[], order: RandomisationOrder): readonly LayerGroup[] {
  return order === 'top-down' ? [...layers].reverse() : layers;
}

/**
 * The model at each step of its randomisation, or at the last alone, disposed of when the next one is asked for. Its masks
 * stay enforced.
 *
 * @param layers in the order in which they are randomised
 */
export async function* randomisedModels(
  model: Model,
  layers: readonly LayerGroup[],
  order: RandomisationOrder,
  randomise: Randomise,
  steps: 'every' | 'last',
): AsyncGenerator<Model> {
  const trained = await model.weights();
  let weights = trained;
  for (const [step, layer] of layers.entries()) {
    weights = withValues(order === 'independent' ? trained : weights, randomise(layer, trained, model.masks));
    if (steps === 'last' && step < layers.length - 1) continue;
    using randomised = await model.withWeights(weights);
    yield randomised;
  }
}
