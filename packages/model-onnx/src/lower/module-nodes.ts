import type { OnnxNode } from '../decode/onnx-node.ts';
import type { Axis, View } from '../views/view.ts';
import { type ModuleNodes, modulesOf } from './names.ts';
import type { NetworkBuilder } from './network-builder.ts';
import type { Value } from './values.ts';

/**
 * The node that computes what each module gives: the value of the last node that the module made. Where that lies otherwise in memory than
 * people expect, it is the node that puts it right, if the network has one.
 */
export function moduleNodes(
  builder: NetworkBuilder,
  nodes: readonly OnnxNode[],
  values: ReadonlyMap<string, Value>,
): ModuleNodes {
  const ends = new Map<string, OnnxNode>();
  for (const node of nodes) for (const module of modulesOf(node.scopes)) ends.set(module, node);
  const modules = [...ends].sort(([a], [b]) => depthOf(a, ends) - depthOf(b, ends));
  builder.startNode(null);
  return new Map(
    modules.flatMap(([module, { outputs }]): [string, string][] => {
      const value = values.get(outputs[0] ?? '');
      if (value?.kind !== 'computed' || !builder.nodes.has(value.node)) return [];
      return [[module, builder.arranged(value, usualGroups(value.view)).node]];
    }),
  );
}

/** How many modules a module is in. */
function depthOf(module: string, ends: ReadonlyMap<string, OnnxNode>): number {
  return ends.get(module)!.scopes.indexOf(module);
}

/** Maps have their channels last; all else is as the file has it, without the batch. */
function usualGroups({ axes, groups }: View): readonly Axis[] {
  const usual = axes.length === 4 ? [axes[2]!, axes[3]!, axes[1]!] : axes;
  const wanted = usual.filter(({ length }) => length > 0);
  const found = groups.filter(({ length }) => length > 0);
  const isUsual =
    wanted.length === found.length &&
    wanted.every((axis, i) => axis.length === found[i]!.length && axis.every((atom, j) => atom === found[i]![j]));
  return isUsual ? groups : axes.length === 4 ? usual : wanted;
}
