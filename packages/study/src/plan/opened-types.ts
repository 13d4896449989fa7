import type { Kind } from '@espalier/core';
import type { Draft } from '../axes/expand.ts';
import type { ArtifactKind } from '../file/artifact-kinds.ts';
import type { NodeType } from '../nodes/node-types.ts';
import type { PlannedInstance } from './planned-instance.ts';

/**
 * The types that an instance's inputs are opened with again. A stored split, model or explainer is a description: whoever
 * uses it runs the code of the plugin that it came from. Maps, scores and concepts are plain arrays.
 *
 * @param before every instance that comes before, by id
 */
export function opensOf(
  { inputs, baseline }: Pick<Draft, 'inputs' | 'baseline'>,
  before: ReadonlyMap<string, PlannedInstance>,
): readonly NodeType[] {
  const opens = new Set<NodeType>();
  for (const source of [...inputs.values(), ...(baseline?.values() ?? [])].flat()) {
    const made = before.get(source.instance);
    const opener = made && openedBy[made.type.kind.outputs[source.port]!];
    if (!made || !opener) continue;
    for (const type of [made.type, ...made.opens]) if (type.plugin?.kind === opener) opens.add(type);
  }
  return [...opens];
}

const openedBy: Partial<Record<ArtifactKind, Kind>> = {
  split: 'dataset',
  model: 'model',
  explainer: 'explainer',
};
