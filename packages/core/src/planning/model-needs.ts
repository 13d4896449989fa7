import { StudyError } from '../errors.ts';
import {
  completeLayerNamed,
  type LayerOutline,
  layerNamed,
  mapLayerNamed,
  readLayerNamed,
} from '../networks/layers.ts';
import type { ModelAbility } from '../networks/model-abilities.ts';
import { type Operation, type RelevanceRules, rulesFor } from '../networks/relevance-rules.ts';
import type { OptionFinding, PlanKnowledge } from './plan-knowledge.ts';

/**
 * What a layer must be for a method: `any` to look at; `complete` to classify from, so that the rest of the network is a function of it alone;
 * `read`, whose places matter to the answer, too. Not to classify from: `map`, whose values lie at places of the image that matter to the
 * answer, and `non-negative-map`, none of which are negative, too.
 */
export const layerDemands = ['any', 'complete', 'read', 'map', 'non-negative-map'] as const;

/** A layer of the model that a method works at. */
export interface LayerNeed {
  /** The option that names it. */
  readonly path: OptionFinding['path'];
  /** Null takes the last stage that is so. */
  readonly name: string | null;
  readonly demand: (typeof layerDemands)[number];
}

/** What a method asks of a model beyond what every model does. */
export interface ModelNeeds {
  readonly abilities?: readonly ModelAbility[];
  readonly layers?: readonly LayerNeed[];
  /** Rules by which logits are handed back: every layer on the way to the images must have one. */
  readonly rules?: RelevanceRules;
}

/**
 * What a method needs and the network on the input `model` lacks, a sentence each; nothing where the network is not known yet.
 *
 * @param use the method as the study names it, for example `craft/craft`
 */
export function needFindings(
  { abilities = [], layers = [], rules }: ModelNeeds,
  { model }: Pick<PlanKnowledge, 'model'>,
  use: string,
): readonly OptionFinding[] {
  if (!model) return [];
  const lacking = abilities.filter((ability) => model.abilities && !model.abilities.includes(ability));
  return [
    ...lacking.map((ability) => ({
      path: [],
      text: `${use} needs "${ability}" of its model, which this one does not have. Use another model, or another method.`,
    })),
    ...layers.flatMap(({ path, name, demand }) => {
      const text = problemOf(() => finders[demand](model.layers, name));
      return text === undefined ? [] : [{ path, text }];
    }),
    ...ruleFindings(model.operations, rules),
  ];
}

function ruleFindings(operations: readonly Operation[] | undefined, rules: RelevanceRules | undefined) {
  const text = operations && rules && problemOf(() => rulesFor(operations, rules));
  return text === undefined ? [] : [{ path: [], text }];
}

const finders = {
  any: layerNamed,
  complete: completeLayerNamed,
  read: readLayerNamed,
  map: mapLayerNamed,
  'non-negative-map': (layers: readonly LayerOutline[], name: string | null) =>
    mapLayerNamed(layers, name, 'non-negative'),
} as const;

function problemOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (StudyError.is(error)) return error.message;
    throw error;
  }
}
