import { type AxisNames, compareOrigins, levelPosition, type ModelRecord, modelOf } from '@espalier/analysis';
import type { Attributions, Entry, Labelled } from '@espalier/core';
import { ascending } from 'd3-array';

type AttributionEntry = Entry<Labelled<Attributions>>;

/** A model whose maps are shown; without models, an attribution instance stands for one. */
export interface ShownModel {
  readonly model: ModelRecord | null;
  readonly instance: string;
  /** Null where the study has none, and of the dense model that several arms share. */
  readonly arm: string | null;
  /** Where among the shown ones the dense model stands that its maps are held against; null for that itself, and for want of one. */
  readonly dense: number | null;
}

/** What maps there are: models, dense before pruned, and of each explainer an entry for every one of them that it has. */
export interface ShownMaps {
  readonly models: readonly ShownModel[];
  readonly entriesOf: ReadonlyMap<string, readonly (AttributionEntry | undefined)[]>;
}

/**
 * Models and entries side by side: of several seeds and draws the first, a dense model once, however many arms start from it.
 *
 * @param explainerOf what an entry's explainer is called
 */
export function shownMaps(
  entries: readonly AttributionEntry[],
  models: readonly ModelRecord[],
  axes: AxisNames,
  explainerOf: (entry: AttributionEntry) => string,
): ShownMaps {
  const groups = new Map<string, { readonly model: ModelRecord | null; readonly own: AttributionEntry[] }>();
  for (const entry of firstOf(firstOf(entries, axes.seed), axes.draw)) {
    const model = modelOf(entry.origin, models);
    const key = keyOf(entry, model);
    const group = groups.get(key) ?? { model, own: [] };
    groups.set(key, group);
    group.own.push(entry);
  }
  const arms = (own: readonly AttributionEntry[]) => [...new Set(own.map(({ origin }) => origin.labels[axes.arm]))];
  const places = [...groups.values()]
    .map(({ model, own }) => {
      const [arm, ...others] = arms(own);
      return { model, own, arm: arm === undefined || others.length > 0 ? null : String(arm) };
    })
    .sort((a, b) => inOrder(a, b, axes));
  const shown = places.map(({ model, own, arm }) => {
    return { model, instance: own[0]!.origin.instance, arm, dense: model && denseOf({ model, arm }, places) };
  });
  const labels = [...new Set(places.flatMap(({ own }) => own.map(explainerOf)))];
  const entryOf = (label: string) => places.map(({ own }) => own.find((entry) => explainerOf(entry) === label));
  return { models: shown, entriesOf: new Map(labels.map((label) => [label, entryOf(label)])) };
}

/** The entries of the first label (in their order) that the study has on an axis, and those without one. */
export function firstOf<Value>(entries: readonly Entry<Value>[], axis: string): Entry<Value>[] {
  const sorted = [...entries].sort((a, b) => compareOrigins(a.origin, b.origin));
  const first = sorted.find(({ origin }) => origin.labels[axis] !== undefined)?.origin.labels[axis];
  return sorted.filter(({ origin }) => (origin.labels[axis] ?? first) === first);
}

interface Place {
  readonly model: ModelRecord | null;
  readonly arm: string | null;
}

function isDense(model: ModelRecord | null): boolean {
  return model !== null && levelPosition(model) === 0;
}

/** A dense network is one, whatever arms start from it; any other stands for itself. */
function keyOf({ origin }: AttributionEntry, model: ModelRecord | null): string {
  if (model && isDense(model)) return `dense ${model.summary.networkDigest}`;
  return model?.origin.instance ?? origin.instance;
}

/** What all arms share, then the treatment, then its controls by name; in each from dense to sparse. */
function inOrder(a: Place, b: Place, { treatment }: AxisNames): number {
  const rank = ({ arm }: Place) => (arm === null ? 0 : arm === treatment ? 1 : 2);
  const level = ({ model }: Place) => (model && levelPosition(model)) ?? Number.POSITIVE_INFINITY;
  return rank(a) - rank(b) || ascending(a.arm ?? '', b.arm ?? '') || ascending(level(a), level(b));
}

/** The dense model of the same arm, else the one that all arms share. */
function denseOf(
  { model, arm }: { readonly model: ModelRecord; readonly arm: string | null },
  places: readonly Place[],
): number | null {
  if (isDense(model)) return null;
  const own = places.findIndex((place) => isDense(place.model) && place.arm === arm);
  const shared = places.findIndex((place) => isDense(place.model) && place.arm === null);
  return [own, shared].find((place) => place >= 0) ?? null;
}
