import type { Label, WrittenEdge } from '../file/study-schema.ts';
import { below, type Placed, type PlaceOf } from '../text/placed.ts';
import { type Problem, shown, suggestion } from '../text/problems.ts';

/** Axis name: the labels at which an edge takes instances, each where it was written. */
export type EdgeLabels = ReadonlyMap<string, readonly Placed<Label>[]>;

interface Labelled {
  readonly labels: ReadonlyMap<string, { readonly label: Label }>;
}

/** Reads the `at` of an edge: for every axis a label or a list of them. */
export function readEdgeLabels(at: WrittenEdge['at'], placeOf: PlaceOf): EdgeLabels {
  return new Map(
    Object.entries(at ?? {}).map(([axis, labels]) => {
      const place = below(placeOf, axis);
      const list = Array.isArray(labels) ? labels : undefined;
      return [
        axis,
        list?.map((value, index) => ({ value, placeOf: below(place, index) })) ?? [
          { value: labels as Label, placeOf: place },
        ],
      ];
    }),
  );
}

/** The instances that an edge takes: those whose labels are named on every axis of its `at`. */
export function takenBy<T extends Labelled>(at: EdgeLabels, instances: readonly T[]): readonly T[] {
  if (at.size === 0) return instances;
  return instances.filter(({ labels }) =>
    [...at].every(([axis, wanted]) => wanted.some(({ value }) => value === labels.get(axis)?.label)),
  );
}

/** Whether every axis and label of `at` is one of `node`'s; reports those that are not. */
export function checkEdgeLabels(
  at: EdgeLabels,
  node: string,
  instances: readonly Labelled[],
  report: (problem: Problem) => void,
): boolean {
  let isKnown = true;
  for (const [axis, wanted] of at) {
    const known = [...new Set(instances.flatMap(({ labels }) => labels.get(axis)?.label ?? []))];
    const axes = [...new Set(instances.flatMap(({ labels }) => [...labels.keys()]))];
    for (const label of wanted) {
      if (known.some((one) => one === label.value)) continue;
      isKnown = false;
      const text =
        known.length === 0
          ? `"${node}" has no axis "${axis}" to choose labels on.${suggestion(axis, axes)}`
          : `"${node}" has no instance at ${axis}=${shown(label.value)}.${suggestion(String(label.value), known.map(String))}`;
      report({ code: 'study/invalid', place: label.placeOf([]), text });
    }
  }
  return isKnown;
}
