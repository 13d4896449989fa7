import { inOrder } from '../axes/study-graph.ts';
import { parseEdge } from '../file/edge-text.ts';
import type { Label } from '../file/study-schema.ts';
import type { NodeType } from '../nodes/node-types.ts';
import type { EditedStudy } from './edited-study.ts';
import { mostLabels } from './json-schema.ts';
import { fields, part, parts, textAt, textOf } from './unchecked.ts';

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
  /** As it is written. */
  readonly node: unknown;
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
  /** Its own nodes and those of its recipes. */
  readonly nodes: ReadonlyMap<string, KnownNode>;
  /** What edges may name of its recipes. */
  readonly outputs: EditedStudy['outputs'];
  /** Parameter name: the values that the study and its profiles give it; those of recipes too, as `protocol.levels`. */
  readonly params: ReadonlyMap<string, readonly unknown[]>;
  /** The names of the includes. */
  readonly includes: readonly string[];
  /** Those that the study names itself. */
  readonly ownParams: readonly string[];
}

/** The nodes that stand in the study itself. */
export function ownNodes({ nodes }: KnownStudy): readonly KnownNode[] {
  return [...nodes.values()].filter(({ name }) => !name.includes('/'));
}

/** How many labels all nodes have together: a schema says them at every node. */
export function labelCount({ nodes }: KnownStudy): number {
  let count = 0;
  for (const { axes } of nodes.values()) for (const labels of axes?.values() ?? []) count += 1 + labels.size;
  return count;
}

/** Reads what is known of a study, which may have mistakes: what they leave open stays unknown. */
export function knownStudy(study: EditedStudy, types: ReadonlyMap<string, NodeType>): KnownStudy {
  const own = fields(part(study.value, 'params'));
  const params = paramsOf(study, own);
  const all = study.nodes;
  const edges = new Map([...all].map(([name, node]) => [name, edgesOf(node).filter((edge) => all.has(edge.node))]));
  const order = inOrder(edges, () => {}); // what is wrong with it is told by the plan
  const nodes = new Map<string, KnownNode>();
  for (const name of order) nodes.set(name, knownNode(name, all.get(name)!, { types, params, before: nodes }));
  for (const [name, node] of all)
    if (!nodes.has(name)) nodes.set(name, knownNode(name, node, { types, params, before: nodes }));
  const includes = [...fields(part(study.value, 'include')).keys()];
  return { nodes, outputs: study.outputs, includes, params, ownParams: [...own.keys()] };
}

function paramsOf(
  { value, given }: EditedStudy,
  own: ReadonlyMap<string, unknown>,
): ReadonlyMap<string, readonly unknown[]> {
  const profiles = [...fields(part(value, 'profiles')).values()].map((profile) => fields(part(profile, 'params')));
  return new Map(
    [...own, ...given].map(([name, one]) => [
      name,
      [one, ...profiles.flatMap((profile) => (profile.has(name) ? [profile.get(name)] : []))],
    ]),
  );
}

interface Around {
  readonly types: ReadonlyMap<string, NodeType>;
  readonly params: KnownStudy['params'];
  /** The nodes that are known already; those on a cycle are not. */
  readonly before: ReadonlyMap<string, KnownNode>;
}

function knownNode(name: string, node: unknown, around: Around): KnownNode {
  const edges = edgesOf(node).map((edge) => ({ ...edge, axes: around.before.get(edge.node)?.axes }));
  const own = labelled(node, ownAxes(node, around.params));
  const all = edges.every((edge) => edge.axes) ? merged(edges.map(({ axes }) => axes!)) : undefined;
  const use = part(node, 'use');
  const chosenBy = textAt(use, '$axis');
  const uses = chosenBy === undefined ? [textOf(use)] : usesOn(chosenBy, node, { all, around });
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

function edgesOf(node: unknown): readonly { readonly port: string; readonly node: string }[] {
  return [...fields(part(node, 'in'))].flatMap(([port, value]) =>
    (Array.isArray(value) ? value : [value]).map((item: unknown) => ({
      port,
      node: parseEdge(textOf(part(item, '$from')))?.node ?? '',
    })),
  );
}

/** The values on the axes of a node's matrix and scan, as they are written; without the zero of the scan. */
function listedAxes(node: unknown, params: KnownStudy['params']): ReadonlyMap<string, readonly unknown[]> {
  const lists = [...fields(part(node, 'matrix'))].filter(([name]) => name !== 'include' && name !== 'exclude');
  const axes = new Map(lists.map(([name, values]) => [name, valuesOn(values, params)]));
  const scan = part(node, 'scan');
  const axis = textAt(scan, 'axis');
  return axis === undefined ? axes : axes.set(axis, valuesOn(part(scan, 'over'), params));
}

/** The same with the values that rows of `include` add. */
function ownAxes(node: unknown, params: KnownStudy['params']): ReadonlyMap<string, readonly unknown[]> {
  const included = part(part(node, 'matrix'), 'include');
  const rows = variants(included, params).flatMap((list) => firstParts(list));
  return new Map(
    [...listedAxes(node, params)].map(([name, values]) => [
      name,
      [...values, ...rows.flatMap((row) => part(row, name) ?? [])],
    ]),
  );
}

function labelled(node: unknown, axes: ReadonlyMap<string, readonly unknown[]>): KnownAxes {
  const scan = part(node, 'scan');
  const [axis, zero] = [part(scan, 'axis'), part(scan, 'zero')];
  return new Map([...axes].map(([name, values]) => [name, labelsOf(name === axis ? [zero, ...values] : values)]));
}

/** The values of an axis, in every variant of the study. */
function valuesOn(values: unknown, params: KnownStudy['params']): readonly unknown[] {
  return variants(values, params)
    .flatMap((list) => firstParts(list))
    .flatMap((item) => variants(item, params));
}

/** What a value is, or what the parameter may be that stands in its place; of parameters that wait for each other, nothing. */
function variants(value: unknown, params: KnownStudy['params'], trail: readonly string[] = []): readonly unknown[] {
  const name = textAt(value, '$param');
  if (name === undefined) return [value];
  if (trail.includes(name)) return [];
  return (params.get(name) ?? []).flatMap((one) => variants(one, params, [...trail, name]));
}

function labelsOf(values: readonly unknown[]): ReadonlySet<Label> {
  return new Set(
    values.flatMap((item): readonly Label[] => {
      const label = part(item, 'label') ?? part(item, 'use') ?? item;
      if (typeof label === 'boolean') return [String(label)];
      return typeof label === 'string' || typeof label === 'number' ? [label] : [];
    }),
  );
}

/** What chooses the plugin on an axis: the node's own, or one that comes with its inputs. */
function usesOn(
  axis: string,
  node: unknown,
  { all, around }: { readonly all: KnownAxes | undefined; readonly around: Around },
): readonly string[] {
  const own = ownAxes(node, around.params).get(axis);
  if (!own) return [...(all?.get(axis) ?? [])].map(String);
  return own.map((item) => textOf(part(item, 'use') ?? item));
}

function inheritedAxes(
  all: KnownAxes,
  node: unknown,
  types: readonly NodeType[],
  edges: readonly KnownEdge[],
): InheritedAxes {
  const isMany = ({ port }: KnownEdge): boolean => types.every(({ inputs }) => inputs[port]?.many === true);
  const single = new Set(edges.filter((edge) => !isMany(edge)).flatMap(({ axes }) => [...(axes?.keys() ?? [])]));
  const gather = part(node, 'gather');
  const gathersAll = types.length > 0 && types.every(({ kind }) => kind.gathersAll);
  const gathered = gather
    ? parts(gather).map(textOf)
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
function firstParts(list: unknown): readonly unknown[] {
  return parts(list).slice(0, mostLabels + 1);
}
