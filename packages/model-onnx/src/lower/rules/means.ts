import { intOf } from '../../decode/onnx-node.ts';
import { axesOf, listOf } from '../../fold/axes.ts';
import type { Axis, View } from '../../views/view.ts';
import { computedInput, type Lowering, type Rule } from '../rule.ts';
import type { Value } from '../values.ts';

/** Means over axes. */
export const means: Readonly<Record<string, Rule>> = {
  GlobalAveragePool: {
    attributes: [],
    lower: (lowering) => {
      const { axes } = computedInput(lowering, 0).view;
      return mean(lowering, axes.map((_, axis) => axis).slice(2), true);
    },
  },
  ReduceMean: { attributes: ['axes', 'keepdims', 'noop_with_empty_axes'], lower: lowerReduceMean },
};

function lowerReduceMean(lowering: Lowering): readonly Value[] {
  const { node } = lowering;
  const x = computedInput(lowering, 0);
  const named = listOf(lowering, 'axes', 1);
  const isNothing = (named ?? []).length === 0 && intOf(node, 'noop_with_empty_axes', 0) !== 0;
  if (isNothing) return [x];
  const rank = x.view.axes.length;
  const axes = named?.length === 0 ? Array.from({ length: rank }, (_, axis) => axis) : axesOf(lowering, 1, rank);
  return mean(lowering, axes, intOf(node, 'keepdims', 1) !== 0);
}

function mean(lowering: Lowering, over: readonly number[], keepsAxes: boolean): readonly Value[] {
  const { builder } = lowering;
  const x = computedInput(lowering, 0);
  const gone = over.flatMap((axis) => x.view.axes[axis]!);
  const groups = x.view.groups.flatMap((group) => purePieces(group, gone));
  const from = builder.arranged(x, groups);
  const axes = x.view.axes.flatMap((axis, i): Axis[] => (over.includes(i) ? (keepsAxes ? [[]] : []) : [axis]));
  const reduced = groups.flatMap((group, i) => (group.some((atom) => gone.includes(atom)) ? [i] : []));
  if (reduced.length === 0) return [{ ...x, view: { axes, groups: x.view.groups } }];
  const view: View = { axes, groups: groups.filter((_, i) => !reduced.includes(i)) };
  return [builder.add({ kind: 'mean', axes: reduced, keepsAxes: false }, [from.node], view)];
}

/** An axis of the engine in pieces of which all atoms go, or none. */
function purePieces(group: Axis, gone: Axis): readonly Axis[] {
  if (group.every((atom) => gone.includes(atom)) || group.every((atom) => !gone.includes(atom))) return [group];
  return group.map((atom) => [atom]);
}
