import type { Network, Node } from '@espalier/nn';
import type { BuiltNode } from './network-builder.ts';

/** Which node computes what a module of the network gives. */
export type ModuleNodes = ReadonlyMap<string, string>;

/**
 * The nodes that the output needs, under the names that people know: those of the network's modules.
 *
 * @param modules modules of the network, from the outermost inwards where several give the same
 */
export function namedNodes(
  built: ReadonlyMap<string, BuiltNode>,
  output: string,
  modules: ModuleNodes,
): Pick<Network, 'nodes' | 'output' | 'stages'> {
  const nodes = neededNodes(built, output);
  const moduleOf = new Map([...modules].toReversed().map(([module, node]) => [node, module]));
  const names = new Map<string, string>();
  const taken = new Set(moduleOf.values());
  for (const node of nodes) names.set(node.name, moduleOf.get(node.name) ?? unique(nameOf(node, names), taken));
  const named = nodes.map(({ name, inputs, layer }): Node => {
    return { name: names.get(name)!, inputs: inputs.map((input) => names.get(input) ?? input), layer };
  });
  return { nodes: named, output: names.get(output)!, stages: stagesOf(nodes, modules).map((name) => names.get(name)!) };
}

function neededNodes(built: ReadonlyMap<string, BuiltNode>, output: string): readonly BuiltNode[] {
  const needed = new Set([output]);
  const open = [output];
  while (open.length > 0) {
    for (const input of built.get(open.pop()!)?.inputs ?? []) {
      if (needed.has(input)) continue;
      needed.add(input);
      open.push(input);
    }
  }
  return [...built.values()].filter(({ name }) => needed.has(name));
}

/** Modules, from the outermost inwards, without the network itself and the node. */
export function modulesOf(scopes: readonly string[] = []): readonly string[] {
  return scopes.slice(1, -1);
}

/** Where the file's node is, and what it is called there; what only moves values is called after them. */
function nameOf({ from, isMain, inputs, layer }: BuiltNode, names: ReadonlyMap<string, string>): string {
  if (layer.kind === 'parameter') return layer.parameter;
  const [input] = inputs;
  if (!isMain) return input === undefined ? layer.kind : `${names.get(input) ?? input}:${layer.kind}`;
  const inner = modulesOf(from?.scopes).at(-1);
  const last = from?.scopes.at(-1) ?? from?.name ?? layer.kind;
  return inner === undefined ? last : `${inner}:${last}`;
}

/**
 * The ends of a network's parts, in order: of the outermost modules, and of those in a module that is most of the network. A mean over
 * places is no end of its own: what is before it says more, as it also says where.
 */
function stagesOf(nodes: readonly BuiltNode[], modules: ModuleNodes): readonly string[] {
  const scopes = nodes.filter(({ isMain }) => isMain).map(({ from }) => modulesOf(from?.scopes));
  const partsAt = (depth: number, within: readonly (readonly string[])[]): readonly string[] => {
    const names = new Set(within.flatMap((path) => path.slice(depth, depth + 1)));
    return [...names].flatMap((name) => {
      const inside = within.filter((path) => path[depth] === name);
      return 2 * inside.length > scopes.length ? [...partsAt(depth + 1, inside), name] : [name];
    });
  };
  const ends = new Set(partsAt(0, scopes).map((module) => modules.get(module)));
  return nodes.filter(({ name, layer }) => ends.has(name) && layer.kind !== 'mean').map(({ name }) => name);
}

function unique(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let i = 2; taken.has(name) || name === '' || name === 'images'; i++) name = `${wanted || 'node'}:${i}`;
  taken.add(name);
  return name;
}
