import {
  bankFindings,
  findingsOf,
  levelOf,
  needFindings,
  needsOf,
  otherExplainerFindings,
  StudyError,
} from '@espalier/core';
import type { Draft } from '../axes/expand.ts';
import type { KindKnowledge } from '../nodes/node-kind.ts';
import { placed, type ReadOptions } from '../nodes/node-options.ts';
import type { NodeType } from '../nodes/node-types.ts';
import type { Problem } from '../text/problems.ts';
import { type KnownInputs, knownInputs } from './known-inputs.ts';
import type { PlannedInstance } from './planned-instance.ts';

/**
 * Makes a function that says what a plugin and its kind find wrong with the options of an instance, given what is known of its
 * inputs before anything runs.
 *
 * @param byId every instance that comes before, by id
 * @param folder the study's folder
 */
export function findingsReader(byId: ReadonlyMap<string, PlannedInstance>, folder: string) {
  const known = knownInputs(byId, folder);
  return ({ options, source }: ReadOptions, draft: Draft, type: NodeType): readonly Problem[] => {
    const { plugin, kind } = type;
    try {
      const around = knowledgeOf({ options, source }, draft, type, { byId, folder, known });
      const own = kind.check?.(options.kind, around) ?? [];
      const images = around.images && kind.imagesFor ? kind.imagesFor(options.kind, around.images) : around.images;
      const found = plugin ? findingsOf(plugin, type.use, options.plugin, { ...around, images }) : [];
      const needed = plugin ? needFindings(needsOf(plugin, type.use, options.plugin), around, type.use) : [];
      const banks = bankFindings(plugin?.needsBanks, around, type.use);
      const isOverOther = plugin?.asksExplainer && draft.inputs.has('explainer');
      const other = isOverOther ? otherExplainerFindings(plugin, options.plugin, type.use) : [];
      return [...own, ...needed, ...banks, ...other, ...found].map(({ path, text }) =>
        placed({ path, key: false, text }, source),
      );
    } catch (error) {
      // What a plugin refuses, such as a file that may not be opened, is told as it says it.
      if (StudyError.is(error) && error.code !== 'core/plugin-invalid')
        return [{ code: error.code, place: source.placeOf([]), text: error.message }];
      const reason = error instanceof Error ? error.message : String(error);
      const text = `${type.use} could not check its options: ${reason}`;
      return [{ code: 'core/plugin-invalid', place: source.placeOf([]), text }];
    }
  };
}

interface Around {
  readonly byId: ReadonlyMap<string, PlannedInstance>;
  readonly folder: string;
  readonly known: KnownInputs;
}

function knowledgeOf(
  { options }: ReadOptions,
  { id, inputs, node, baseline }: Draft,
  type: NodeType,
  { byId, folder, known }: Around,
): KindKnowledge {
  // Only along its scan does a node use itself.
  const before = [...inputs.values()]
    .flat()
    .map(({ instance }) => byId.get(instance))
    .find((one) => one?.node === node && one.type.id === type.id && !one.passThrough);
  return {
    folder,
    use: type.use,
    connected: new Set(inputs.keys()),
    kindOptions: kindOptionsOf(options),
    ...(before && { before: { options: before.options.plugin, kindOptions: kindOptionsOf(before.options) } }),
    level: type.plugin && levelOf(type.plugin, type.use, options.plugin),
    levelBefore: before && type.plugin && levelOf(type.plugin, type.use, before.options.plugin),
    takesAnyLevel: type.plugin?.atLevel !== undefined,
    images: known.images(inputs, 'images') ?? known.images(inputs, 'data'),
    examples: known.images(inputs, 'examples'),
    counterparts: known.images(inputs, 'counterparts'),
    model: known.model(inputs, 'model'),
    embedder: known.model(inputs, 'embedder'),
    banks: known.banks(inputs),
    apart: known.apart(inputs),
    select: known.images(inputs, 'select'),
    hasBaseline: baseline !== undefined,
    dataset: known.dataset({ id, type, options }),
  };
}

function kindOptionsOf({ kind }: ReadOptions['options']): Readonly<Record<string, unknown>> {
  return kind as Readonly<Record<string, unknown>>; // an object schema parsed it
}
