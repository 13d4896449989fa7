import type { Label } from '../axes/axes.ts';
import { parseEdge, studyGraph } from '../axes/study-graph.ts';
import type { NodeType } from '../nodes/node-types.ts';
import { fields, part, parts, type Sourced, textOf, written } from '../text/sourced.ts';
import { mostLabels } from './json-schema.ts';

/** Axis name: its labels. */
export type KnownAxes = ReadonlyMap<string, ReadonlySet<Label>>;

export interface InheritedAxes {
  readonly all: KnownAxes;
  /** Those that end here. */
  readonly gathered: ReadonlySet<string>;
  /** Those of inputs that take one thing, so that they cannot end here. */
  readonly single: ReadonlySet<string>;
}

/** What a study says of a node, whether or not the rest of it is sound. */
export interface KnownNode {
  readonly name: string;
  readonly node: Sourced;
  /** The types that it may be of. */
  readonly types: readonly NodeType[];
  /** False where its `use` names what is not known, so that it may be of other types. */
  readonly isKnown: boolean;
  /** The axis by which its plugin is chosen. */
  readonly chosenBy: string | undefined;
  /** The axes of its matrix and scan. */
  readonly own: KnownAxes;
  /** The same without the labels that only rows of `include` have. */
  readonly listed: KnownAxes;
  /** Those that come with its inputs; undefined where an input is not known. */
  readonly inherited: InheritedAxes | undefined;
  /** All that its instances have; undefined where an input is not known. */
  readonly axes: KnownAxes | undefined;
  /** The nodes that it takes something from. */
  readonly sources: ReadonlySet<string>;
}

/** What of a study its schema rests on. */
export interface KnownStudy {
  readonly nodes: ReadonlyMap<string, KnownNode>;
  /** Parameter name: the values that the study and its profiles give it. */
  readonly params: ReadonlyMap<string, readonly Sourced[]>;
}

/** How many labels all nodes have together: a schema says them at every node. */
export function labelCount({ nodes }: KnownStudy): number {
  let count = 0;
  for (const { axes } of nodes.values()) for (const labels of axes?.values() ?? []) count += 1 + labels.size;
  return count;
}

/** Reads what is known of a study, which may have mistakes: what they leave open stays unknown. */
export function knownStudy(study: unknown, types: ReadonlyMap<string, NodeType>): KnownStudy {
  const root = written(study, []);
  const params = paramsOf(root);
  const all = fields(part(root, 'nodes'));
  const { order } = studyGraph(all, () => {}); // what is wrong with it is told by the plan
  const nodes = new Map<string, KnownNode>();
  for (const name of order) nodes.set(name, knownNode(name, all.get(name)!, { types, params, before: nodes }));
  for (const [name, node] of all)
    if (!nodes.has(name)) nodes.set(name, knownNode(name, node, { types, params, before: nodes }));
  return { nodes, params };
}

function paramsOf(root: Sourced): ReadonlyMap<string, readonly Sourced[]> {
  const profiles = [...fields(part(root, 'profiles')).values()].map((profile) => fields(part(profile, 'params')));
  return new Map(
    [...fields(part(root, 'params'))].map(([name, value]) => [
      name,
      [value, ...profiles.flatMap((profile) => profile.get(name) ?? [])],
    ]),
  );
}

interface Around {
  readonly types: ReadonlyMap<string, NodeType>;
  readonly params: KnownStudy['params'];
  /** The nodes that are known already; those on a cycle are not. */
  readonly before: ReadonlyMap<string, KnownNode>;
}

function knownNode(name: string, node: Sourced, around: Around): KnownNode {
  const edges = edgesOf(node, around);
  const own = labelled(node, ownAxes(node, around.params));
  const all = edges.every((edge) => edge.axes) ? merged(edges.map(({ axes }) => axes!)) : undefined;
  const use = part(node, 'use');
  const axis = use && part(use, '$axis')?.value;
  const chosenBy = typeof axis === 'string' ? axis : undefined;
  const uses = chosenBy === undefined ? [textOf(use?.value)] : usesOn(chosenBy, node, { all, around });
  const types = uses.flatMap((text) => around.types.get(text) ?? []);
  const inherited = all && inheritedAxes(all, node, types, edges);
  const staying = inherited && [...inherited.all].filter(([one]) => !inherited.gathered.has(one));
  return {
    name,
    node,
    types: [...new Set(types)],
    isKnown: types.length > 0 && types.length === uses.length,
    chosenBy,
    own,
    listed: labelled(node, listedAxes(node, around.params)),
    inherited,
    axes: staying && merged([new Map(staying), own]),
    sources: new Set(edges.map((edge) => edge.node)),
  };
}

interface KnownEdge {
  readonly port: string;
  readonly node: string;
  readonly axes: KnownAxes | undefined;
}

function edgesOf(node: Sourced, { before }: Around): readonly KnownEdge[] {
  return [...fields(part(node, 'in'))].flatMap(([port, value]) =>
    listOf(value).map((item) => {
      const source = parseEdge(textOf(part(item, '$from')?.value))?.node ?? '';
      return { port, node: source, axes: before.get(source)?.axes };
    }),
  );
}

/** The values on the axes of a node's matrix and scan, as they are written; without the zero of the scan. */
function listedAxes(node: Sourced, params: KnownStudy['params']): ReadonlyMap<string, readonly Sourced[]> {
  const lists = [...fields(part(node, 'matrix'))].filter(([name]) => name !== 'include' && name !== 'exclude');
  const axes = new Map(lists.map(([name, values]) => [name, valuesOn(values, params)]));
  const scan = part(node, 'scan');
  const axis = scan && part(scan, 'axis')?.value;
  const over = scan && part(scan, 'over');
  return typeof axis === 'string' ? axes.set(axis, over ? valuesOn(over, params) : []) : axes;
}

/** The same with the values that rows of `include` add. */
function ownAxes(node: Sourced, params: KnownStudy['params']): ReadonlyMap<string, readonly Sourced[]> {
  const matrix = part(node, 'matrix');
  const include = matrix && part(matrix, 'include');
  const rows = include ? firstParts(include) : [];
  return new Map(
    [...listedAxes(node, params)].map(([name, values]) => [
      name,
      [...values, ...rows.flatMap((row) => part(row, name) ?? [])],
    ]),
  );
}

function labelled(node: Sourced, axes: ReadonlyMap<string, readonly Sourced[]>): KnownAxes {
  const scan = part(node, 'scan');
  const [axis, zero] = [scan && part(scan, 'axis')?.value, scan && part(scan, 'zero')];
  return new Map(
    [...axes].map(([name, values]) => [name, labelsOf(zero && name === axis ? [zero, ...values] : values)]),
  );
}

/** The values of an axis, in every variant of the study. */
function valuesOn(values: Sourced, params: KnownStudy['params']): readonly Sourced[] {
  return variants(values, params)
    .flatMap((list) => firstParts(list))
    .flatMap((item) => variants(item, params));
}

/** What a value is, or what the parameter may be that stands in its place. */
function variants(value: Sourced, params: KnownStudy['params']): readonly Sourced[] {
  const name = part(value, '$param')?.value;
  return typeof name === 'string' ? (params.get(name) ?? []) : [value];
}

function labelsOf(values: readonly Sourced[]): ReadonlySet<Label> {
  return new Set(
    values.flatMap((item): readonly Label[] => {
      const { value } = item;
      const label = part(item, 'label')?.value ?? part(item, 'use')?.value ?? value;
      if (typeof label === 'boolean') return [String(label)];
      return typeof label === 'string' || typeof label === 'number' ? [label] : [];
    }),
  );
}

/** What chooses the plugin on an axis: the node's own, or one that comes with its inputs. */
function usesOn(
  axis: string,
  node: Sourced,
  { all, around }: { readonly all: KnownAxes | undefined; readonly around: Around },
): readonly string[] {
  const own = ownAxes(node, around.params).get(axis);
  if (!own) return [...(all?.get(axis) ?? [])].map(String);
  return own.map((item) => textOf((part(item, 'use') ?? item).value));
}

function inheritedAxes(
  all: KnownAxes,
  node: Sourced,
  types: readonly NodeType[],
  edges: readonly KnownEdge[],
): InheritedAxes {
  const isMany = ({ port }: KnownEdge): boolean => types.every(({ inputs }) => inputs[port]?.many === true);
  const single = new Set(edges.filter((edge) => !isMany(edge)).flatMap(({ axes }) => [...(axes?.keys() ?? [])]));
  const gather = part(node, 'gather');
  const gathersAll = types.length > 0 && types.every(({ kind }) => kind.gathersAll);
  const gathered = gather
    ? parts(gather).map(({ value }) => textOf(value))
    : [...all.keys()].filter((axis) => gathersAll && !single.has(axis));
  return { all, gathered: new Set(gathered), single };
}

/** All axes; labels that come from one place are not copied, for a study may have many of both. */
function merged(all: readonly KnownAxes[]): KnownAxes {
  const axes = new Map<string, ReadonlySet<Label>>();
  for (const [axis, labels] of all.flatMap((one) => [...one])) {
    const found = axes.get(axis);
    if (!found) axes.set(axis, labels);
    else if (found !== labels) axes.set(axis, new Set([...found, ...labels]));
  }
  return axes;
}

/** The parts of a list; of a very long one, as many as show that it is. */
function firstParts(list: Sourced): readonly Sourced[] {
  const { value } = list;
  const length = Array.isArray(value) ? Math.min(value.length, mostLabels + 1) : 0;
  return Array.from({ length }, (_, index) => part(list, index)!);
}

function listOf(value: Sourced): readonly Sourced[] {
  return Array.isArray(value.value) ? parts(value) : [value];
}
