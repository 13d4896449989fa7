import type { Layer, Node } from '@espalier/nn';
import { type Constant, countOf } from '../constants/constant.ts';
import { permutedValues } from '../constants/permuted-values.ts';
import type { OnnxNode } from '../decode/onnx-node.ts';
import { type Atom, type Axis, isPlain, lengthOf, plainView, sameAtoms, type View, withAtoms } from '../views/view.ts';
import type { Computed } from './values.ts';

/** A node of the network, and the node of the file that it is made for. */
export interface BuiltNode extends Node {
  readonly from: OnnxNode | null;
  /** False for what only moves values for another node. */
  readonly isMain: boolean;
}

/** What a parameter is at first. */
export type Weight = Pick<Constant, 'name' | 'shape' | 'values'>;

/** What a tensor is used for: exporters let layers share equal tensors that have nothing to do with each other. */
export interface Use {
  /** Whoever owns a tensor alike shares it: the layout of a kernel, or the kernel that a bias belongs to. */
  readonly owner: string;
  /** What PyTorch calls it in its module. */
  readonly part: string;
}

/** A tensor of which a node has a copy of its own. */
export interface Copy {
  readonly of: string;
  readonly node: OnnxNode;
}

/** The network as it grows. */
export class NetworkBuilder {
  readonly nodes = new Map<string, BuiltNode>();
  /** What the network's parameters are at first, by name. */
  readonly weights = new Map<string, Weight>();
  /** Parameters that are copies of a tensor, and the nodes that use them. */
  readonly copies = new Map<string, readonly Copy[]>();
  readonly #owners = new Map<string, string>();
  readonly #copies = new Map<string, string>();
  readonly #moved = new Map<string, Computed>();
  #from: OnnxNode | null = null;

  /** Nodes that are added from now on are made for `node`. */
  startNode(node: OnnxNode | null): void {
    this.#from = node;
  }

  /** A node whose value has `view`. */
  add(layer: Layer, inputs: readonly string[], view: View, isMain = true): Computed {
    const name = `#${this.nodes.size}`;
    this.nodes.set(name, { name, inputs, layer, from: this.#from, isMain });
    return { kind: 'computed', node: name, view };
  }

  /** Gives a node another layer, with the same inputs and shape. */
  replace(name: string, layer: Layer): void {
    const node = this.nodes.get(name)!; // it was added
    this.nodes.set(name, { ...node, layer, from: this.#from ?? node.from });
  }

  /** The name of the parameter that `constant` is: that of its initialiser where it is all of it, as it is. */
  parameter(constant: Constant, use: Use): string {
    const { origin } = constant;
    const isWhole = origin && isPlain(origin.view) && origin.shape.join() === constant.shape.join();
    return this.weight(isWhole ? origin : constant, use);
  }

  /** Notes what a parameter is at first, and gives its name. A tensor that several owners share is copied for all but the first. */
  weight({ name, shape, values }: Weight, { owner, part }: Use): string {
    const first = this.#owners.get(name) ?? owner;
    const own = first === owner ? name : this.#copyOf(name, owner, part);
    this.#owners.set(own, owner);
    this.weights.set(own, { name: own, shape, values });
    return own;
  }

  /** Its name is the one that PyTorch has for it, where the module is known. */
  #copyOf(name: string, owner: string, part: string): string {
    const key = JSON.stringify([name, owner, part]);
    const known = this.#copies.get(key);
    const module = this.#from?.scopes.at(-2);
    const wanted = module ? `${module}.${part}` : `${name}:${this.#from?.outputs[0]}.${part}`;
    const own = known ?? (this.weights.has(wanted) ? `${wanted}:${name}` : wanted);
    this.#copies.set(key, own);
    if (this.#from) this.copies.set(own, [...(this.copies.get(own) ?? []), { of: name, node: this.#from }]);
    return own;
  }

  /** A constant as a value of the network: a parameter where it may be learned. */
  constant(constant: Constant): Computed {
    const { origin } = constant;
    if (constant.type === 'float' && origin && countOf(constant) > 1 && isLearnedName(origin.name)) {
      const parameter = this.weight(origin, { owner: 'embedding', part: 'value' });
      const layer = { kind: 'parameter', parameter, shape: origin.shape, role: 'embedding' } as const;
      return this.add(layer, [], origin.view, false);
    }
    const values = Float32Array.from(constant.values());
    return this.add({ kind: 'constant', shape: constant.shape, values }, [], plainView(constant.shape), false);
  }

  /** The value with the engine's axes as `groups` say, of the same atoms. Moves nothing where they lie so already. */
  arranged(value: Computed, groups: readonly Axis[]): Computed {
    const before = value.view.groups;
    if (same(before, groups)) return value;
    const view = { axes: value.view.axes, groups };
    const sizes = [before.flat().map(({ size }) => size), orderOf(before, groups), groups.map(lengthOf)];
    const key = JSON.stringify([value.node, sizes]);
    const known = this.#moved.get(key);
    if (known) return { ...known, view };
    const moved = this.#arrange(value, view);
    this.#moved.set(key, moved);
    return moved;
  }

  #arrange(value: Computed, view: View): Computed {
    const { layer } = this.nodes.get(value.node) ?? {};
    if (layer?.kind === 'constant') return this.#arrangedConstant(layer.values, value.view, view);
    if (sameAtoms(value.view.groups.flat(), view.groups.flat())) return this.#regrouped(value, view);
    const runs = runsIn(value.view.groups.flat(), view.groups.flat());
    const split = this.#regrouped(value, { axes: view.axes, groups: runs.map(({ atoms }) => atoms) });
    const permutation = [...runs.keys()].sort((a, b) => runs[a]!.place - runs[b]!.place);
    const ordered = { axes: view.axes, groups: permutation.map((run) => runs[run]!.atoms) };
    return this.#regrouped(this.add({ kind: 'transpose', permutation }, [split.node], ordered, false), view);
  }

  #regrouped(value: Computed, view: View): Computed {
    const shape = view.groups.map(lengthOf);
    if (shape.join() === value.view.groups.map(lengthOf).join()) return { ...value, view };
    return this.add({ kind: 'reshape', shape }, [value.node], view, false);
  }

  #arrangedConstant(values: Float32Array, from: View, to: View): Computed {
    const [before, after] = [from.groups.flat(), to.groups.flat()];
    const order = after.map((atom) => before.indexOf(atom));
    const moved = permutedValues(
      values,
      before.map(({ size }) => size),
      order,
    ) as Float32Array; // of the type that it is given
    return this.add({ kind: 'constant', shape: to.groups.map(lengthOf), values: moved }, [], to, false);
  }
}

/** With the atoms of one axis as an axis of the engine's own, and as one atom. */
export function isolated(builder: NetworkBuilder, value: Computed, axis: number): Computed {
  const atoms = value.view.axes[axis]!;
  if (atoms.length === 0) return value;
  const arranged = builder.arranged(value, isolatedGroups(value.view, atoms));
  const one: Atom = { size: lengthOf(atoms) };
  const parts = new Map<Atom, Axis>(atoms.map((atom, i) => [atom, i === 0 ? [one] : []]));
  return { ...arranged, view: withAtoms(arranged.view, parts) };
}

function isolatedGroups({ groups }: View, atoms: Axis): readonly Axis[] {
  const isOne = (atom: Atom | undefined) => atom !== undefined && atoms.includes(atom);
  const apart = groups.flatMap((group) => {
    if (group.length === 0) return [group];
    const pieces: Atom[][] = [];
    group.forEach((atom, i) => {
      if (i > 0 && isOne(atom) === isOne(group[i - 1])) pieces.at(-1)!.push(atom);
      else pieces.push([atom]);
    });
    return pieces;
  });
  const first = apart.findIndex((group) => isOne(group[0]));
  return apart.flatMap((group, i) => (i === first ? [atoms] : isOne(group[0]) ? [] : [group]));
}

/** Stretches of `before` that also lie together in `after`, with their place there. */
function runsIn(before: Axis, after: Axis): readonly { readonly atoms: Axis; readonly place: number }[] {
  const runs: { atoms: Atom[]; place: number }[] = [];
  for (const atom of before) {
    const place = after.indexOf(atom);
    const last = runs.at(-1);
    if (last && place === last.place + last.atoms.length) last.atoms.push(atom);
    else runs.push({ atoms: [atom], place });
  }
  return runs;
}

function orderOf(before: readonly Axis[], after: readonly Axis[]): readonly number[] {
  const order = before.flat();
  return after.flat().map((atom) => order.indexOf(atom));
}

function same(a: readonly Axis[], b: readonly Axis[]): boolean {
  return a.length === b.length && a.every((axis, i) => sameAtoms(axis, b[i]!));
}

/** Whether a name is one that a person or a module gave; exporters number theirs. */
function isLearnedName(name: string): boolean {
  return !/^(val_?\d+|\d+|.*::.*|\/.*|.*_output_\d+|_?const(ant)?_?\d*)$/i.test(name);
}
