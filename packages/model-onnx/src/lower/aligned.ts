import { type Axis, commonAtoms, lengthOf, partsOf, shapeOf, type View, withAtoms } from '../views/view.ts';
import { isolated, type NetworkBuilder } from './network-builder.ts';
import type { Computed } from './values.ts';

/** Values whose axes of length 1 are repeated, and that have fewer axes in front, made of the same atoms along each axis but `apart`. */
export function withCommonAtoms(
  builder: NetworkBuilder,
  values: readonly Computed[],
  apart: number | null = null,
): readonly Computed[] {
  const rank = Math.max(...values.map(({ view }) => view.axes.length));
  let result = values.map((value) => ({ ...value, view: padded(value.view, rank) }));
  for (let axis = 0; axis < rank; axis++) if (axis !== apart) result = withCommonAxis(builder, result, axis);
  return result;
}

function padded({ axes, groups }: View, rank: number): View {
  return { axes: [...Array.from({ length: rank - axes.length }, () => []), ...axes], groups };
}

function withCommonAxis(builder: NetworkBuilder, values: readonly Computed[], axis: number): Computed[] {
  const axisIn = ({ view }: Computed): Axis => view.axes[axis]!;
  const atoms = commonAtoms(values.map(axisIn).filter(({ length }) => length > 0));
  if (!atoms)
    return withCommonAxis(
      builder,
      values.map((value) => isolated(builder, value, axis)),
      axis,
    );
  return values.map((value) => ({ ...value, view: withAtoms(value.view, partsOf(axisIn(value), atoms)) }));
}

/** Two values, or more, in one order of memory, with axes of length 1 where one has none; and how the file sees what an operator makes of both. */
export function inOneOrder(
  builder: NetworkBuilder,
  values: readonly Computed[],
): { readonly values: readonly Computed[]; readonly view: View } {
  const common = withCommonAtoms(builder, values);
  const [leader] = [...common].sort((a, b) => sizeOfView(b.view) - sizeOfView(a.view));
  const others = common.flatMap(({ view }) => view.groups.flat()).filter((atom, i, all) => all.indexOf(atom) === i);
  const missing = others.filter((atom) => !leader!.view.groups.flat().includes(atom)).map((atom): Axis => [atom]);
  const isWhole = (group: Axis) =>
    common.every(({ view }) => {
      const own = group.filter((atom) => view.groups.flat().includes(atom));
      return own.length === 0 || own.length === group.length;
    });
  const groups = [
    ...leader!.view.groups.flatMap((group) => (isWhole(group) ? [group] : group.map((atom): Axis => [atom]))),
    ...missing,
  ];
  const arranged = common.map((value) => {
    const own = value.view.groups.flat();
    return builder.arranged(
      value,
      groups.map((group) => group.filter((atom) => own.includes(atom))),
    );
  });
  const axes = leader!.view.axes.map(
    (_, axis) => common.map(({ view }) => view.axes[axis]!).find(({ length }) => length > 0) ?? [],
  );
  return { values: arranged, view: { axes, groups } };
}

function sizeOfView({ groups }: View): number {
  return groups.reduce((product, group) => product * lengthOf(group), 1);
}

/** Whether two values can be joined, axis by axis, once axes of length 1 are repeated. */
export function canRepeat(values: readonly Computed[]): boolean {
  const shapes = values.map(({ view }) => shapeOf(view).toReversed());
  const rank = Math.max(...shapes.map(({ length }) => length));
  return Array.from(
    { length: rank },
    (_, axis) => new Set(shapes.map((shape) => shape[axis] ?? 1).filter((length) => length !== 1)),
  ).every(({ size }) => size <= 1);
}
