/** A factor of an axis; atoms are told apart by identity. Axes of length 1 have none. */
export interface Atom {
  readonly size: number;
}

export type Axis = readonly Atom[];

/**
 * How a value of the file lies in a value of the network. The file's axes are made of atoms, and so are the axes that the engine keeps, in memory
 * order: `[1, c, h, w]` of the file is `[h, w, c]` here. Reshaping and transposing the file's value moves atoms between axes and costs nothing.
 */
export interface View {
  /** The file's axes, the batch of one image included. */
  readonly axes: readonly Axis[];
  /** The engine's axes for one image. */
  readonly groups: readonly Axis[];
}

/** An atom for each axis that is longer than 1, in the order of memory. */
export function plainView(shape: readonly number[]): View {
  const axes = shape.map(axisOf);
  return { axes, groups: axes };
}

export function axisOf(length: number): Axis {
  return length === 1 ? [] : [{ size: length }];
}

export function lengthOf(axis: Axis): number {
  return axis.reduce((product, { size }) => product * size, 1);
}

/** The file's shape. */
export function shapeOf({ axes }: View): readonly number[] {
  return axes.map(lengthOf);
}

/** Whether the values lie in memory as the file has them, row by row. */
export function isPlain({ axes, groups }: View): boolean {
  return sameAtoms(axes.flat(), groups.flat());
}

export function sameAtoms(a: Axis, b: Axis): boolean {
  return a.length === b.length && a.every((atom, i) => atom === b[i]);
}

export function permuted({ axes, groups }: View, permutation: readonly number[]): View {
  return { axes: permutation.map((axis) => axes[axis]!), groups };
}

/** With atoms taken apart, or joined, everywhere. */
export function withAtoms({ axes, groups }: View, parts: ReadonlyMap<Atom, Axis>): View {
  const replaced = (axis: Axis): Axis => axis.flatMap((atom) => parts.get(atom) ?? [atom]);
  return { axes: axes.map(replaced), groups: groups.map(replaced) };
}

/** The file's value in another shape, row by row; null where an axis would take part of an atom that cannot be taken apart so. */
export function reshaped(view: View, shape: readonly number[]): View | null {
  const parts = new Map<Atom, Atom[]>();
  const wholeOf = new Map<Atom, Atom>();
  const left = view.axes.flat();
  const take = (length: number): Axis | null => {
    const taken: Atom[] = [];
    for (let need = length; need > 1; ) {
      const atom = left.shift();
      if (!atom) return null;
      if (need % atom.size === 0) taken.push(atom);
      else if (atom.size % need !== 0) return null;
      else {
        const pair = [{ size: need }, { size: atom.size / need }] as const;
        const whole = wholeOf.get(atom) ?? atom;
        parts.set(
          whole,
          (parts.get(whole) ?? [atom]).flatMap((part) => (part === atom ? pair : [part])),
        );
        for (const part of pair) wholeOf.set(part, whole);
        left.unshift(pair[1]);
        taken.push(pair[0]);
      }
      need /= taken.at(-1)!.size;
    }
    return taken;
  };
  const axes: Axis[] = [];
  for (const length of shape) {
    const axis = take(length);
    if (!axis) return null;
    axes.push(axis);
  }
  return left.length > 0 ? null : { axes, groups: withAtoms({ axes: [], groups: view.groups }, parts).groups };
}

/** The atoms that one axis has in several values, where each can be taken apart into them; null where not. From the outside inwards. */
export function commonAtoms(axes: readonly Axis[]): Axis | null {
  if (axes.length === 0) return [];
  const cuts = new Set(axes.flatMap(stridesOf));
  const steps = [1, ...[...cuts].sort((a, b) => a - b), lengthOf(axes[0]!)].filter(
    (step, i, all) => step !== all[i - 1],
  );
  const atoms: Atom[] = [];
  for (let i = 1; i < steps.length; i++) {
    if (steps[i]! % steps[i - 1]! !== 0) return null;
    atoms.unshift({ size: steps[i]! / steps[i - 1]! });
  }
  return atoms;
}

function stridesOf(axis: Axis): readonly number[] {
  return axis.slice(1).map((_, i) => lengthOf(axis.slice(i + 1)));
}

/** For each atom of `axis`, those of `atoms` that it is made of. */
export function partsOf(axis: Axis, atoms: Axis): ReadonlyMap<Atom, Axis> {
  const left = [...atoms];
  return new Map(
    axis.map((atom): [Atom, Axis] => {
      const parts: Atom[] = [];
      while (lengthOf(parts) < atom.size) parts.push(left.shift()!);
      return [atom, parts];
    }),
  );
}
