import { type Problem, shown, suggestion } from '../text/problems.ts';
import { fields, parts, type Sourced, textOf } from '../text/sourced.ts';
import type { Label } from './axes.ts';

/** Axis name: the labels at which an edge takes instances, each where it was written. */
export type EdgeLabels = ReadonlyMap<string, readonly Sourced[]>;

interface Labelled {
  readonly labels: ReadonlyMap<string, { readonly label: Label }>;
}

/** Reads the `at` of an edge: for every axis a label or a list of them. */
export function readEdgeLabels(at: Sourced | undefined): EdgeLabels {
  return new Map(
    [...fields(at)].map(([axis, labels]) => [axis, Array.isArray(labels.value) ? parts(labels) : [labels]]),
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
          : `"${node}" has no instance at ${axis}=${shown(label.value)}.${suggestion(textOf(label.value), known.map(String))}`;
      report({ code: 'study/invalid', place: label.placeOf([]), text });
    }
  }
  return isKnown;
}
