import type { Model } from '../networks/model.ts';
import { type ModelAbility, modelAbilities } from '../networks/model-abilities.ts';

const wholes = new WeakMap<Model, Model>();

/**
 * `model`, and what it becomes, without what a method does not declare: asking for it throws.
 *
 * @param classifies whether it may classify from a layer: it names one for that, or is given concepts, which have one
 */
export function limitedModel(model: Model, abilities: readonly ModelAbility[], classifies: boolean): Model {
  const limitedOf = (made: Model) => limitedModel(made, abilities, classifies);
  const absent = modelAbilities.filter((ability) => !abilities.includes(ability));
  const limited: Model = {
    ...model,
    ...Object.fromEntries(absent.map((ability) => [ability, () => refuse(`"${ability}" of a model`)])),
    ...(!classifies && { classify: async (_, layer) => refuse(`the rest of the network after "${layer}"`) }),
    masked: async (masks) => limitedOf(await model.masked(masks)),
    ...(abilities.includes('withWeights') && {
      withWeights: async (...given) => limitedOf(await model.withWeights(...given)),
    }),
    ...(abilities.includes('compacted') && { compacted: async () => limitedOf(await model.compacted()) }),
  };
  wholes.set(limited, model);
  return limited;
}

/** The model that `limitedModel` limited: whoever is asked with it has needs of its own. */
export function wholeModel(model: Model): Model {
  return wholes.get(model) ?? model;
}

function refuse(what: string): never {
  throw new Error(`${what} was asked for, which "needs" does not declare`);
}
