import { type AxisNames, withoutAxes } from '@espalier/analysis';
import type { Attributions, Entry, Labelled, Split } from '@espalier/core';

type AttributionEntry = Entry<Labelled<Attributions>>;

/** What was explained, and by what. */
export interface Explained {
  /** Places of the images that have attributions; of all images where nothing was explained. */
  readonly indices: readonly number[];
  /** An entry's explainer, as the study labels it, or as it calls itself in a study that does not. */
  readonly explainerOf: (entry: AttributionEntry) => string;
}

/** Reads one attribution of each method and node: others differ from it in the model alone. */
export async function readExplained(
  entries: readonly AttributionEntry[],
  { ids }: Pick<Split, 'ids'>,
  axes: AxisNames,
): Promise<Explained> {
  const names = new Map<string, string>();
  const explained = new Set<string>();
  for (const entry of entries) {
    const key = methodOf(entry, axes);
    if (names.has(key)) continue;
    const attributions = await entry.load();
    names.set(key, attributions.label.name);
    for (const id of attributions.ids) explained.add(id);
  }
  const places = [...ids.keys()];
  return {
    indices: entries.length === 0 ? places : places.filter((index) => explained.has(ids[index]!)),
    explainerOf: (entry) => entry.origin.labels[axes.explainer]?.toString() ?? names.get(methodOf(entry, axes))!,
  };
}

/** What entries that differ in the model alone have in common. */
function methodOf({ origin: { node, use, labels } }: AttributionEntry, axes: AxisNames): string {
  const rest = withoutAxes(labels, [axes.sparsity, axes.seed, axes.draw, axes.arm]);
  return JSON.stringify([node, use, Object.entries(rest).sort()]);
}
