import { deriveSeed } from '@espalier/core';
import { axisValues, type Combination, type Label } from './axes.ts';
import { type Draft, expand } from './expand.ts';
import { optionsReader } from './node-options.ts';
import { checkPorts } from './node-ports.ts';
import { builtInAlias, type NodeType } from './node-types.ts';
import type { PlannedInstance } from './plan.ts';
import type { PluginPackage } from './plugin-packages.ts';
import { type Problem, suggestion } from './problems.ts';
import { fields, part, type Sourced, substitute, textOf, written } from './sourced.ts';
import { studyGraph } from './study-graph.ts';
import { type StudyValues, unknownParam } from './study-values.ts';

export interface PlanNodesRequest {
  readonly study: unknown;
  readonly types: ReadonlyMap<string, NodeType>;
  readonly packages: ReadonlyMap<string, PluginPackage>;
  /** Aliases whose packages could not be loaded, which is already reported. */
  readonly failedAliases: ReadonlySet<string>;
  readonly values: StudyValues;
  /** What the schema has found wrong. */
  readonly shape: readonly Problem[];
  readonly report: (problem: Problem) => void;
}

export interface PlannedNodes {
  readonly nodes: ReadonlyMap<string, Sourced>;
  readonly instances: readonly PlannedInstance[];
  readonly drafts: ReadonlyMap<string, readonly Draft[]>;
  readonly typesOf: ReadonlyMap<string, readonly NodeType[]>;
  /** Nodes whose options were read, instance by instance. */
  readonly checkedOptions: ReadonlySet<string>;
}

const standardLimit = 1000;

/** Expands the nodes of a study in order, and checks all that can be checked of each, also where others are wrong. */
export function planNodes(request: PlanNodesRequest): PlannedNodes {
  const { study, values, shape, types } = request;
  let found = 0;
  const report = (problem: Problem): void => {
    found++;
    request.report(problem);
  };
  const { nodes, incomplete } = soundNodes(study, shape, values, report);
  const { edges, order } = studyGraph(nodes, report);
  const drafts = new Map<string, readonly Draft[]>();
  const typesOf = new Map<string, readonly NodeType[]>();
  const checkedOptions = new Set<string>();
  const instances: PlannedInstance[] = [];
  const readOptions = optionsReader(report);
  let left = limitOf(study);
  for (const name of order) {
    const before = found;
    const node = nodes.get(name)!;
    const nodeEdges = edges.get(name)!;
    const inputsKnown = [...nodeEdges.values()].flat().every((edge) => drafts.has(edge.node));
    const own = typesOfNode(node, inheritedAxes(nodeEdges, drafts), inputsKnown, { ...request, report });
    if (!own) continue;
    typesOf.set(name, own);
    checkPorts({ node, types: own, edges: nodeEdges, typesOf, drafts, report });
    const isWhole = [...fields(part(node, 'in')).keys()].every((port) => (nodeEdges.get(port)?.length ?? 0) > 0);
    if (found > before || !inputsKnown || !isWhole || incomplete.has(name)) continue;
    const outputs = Object.keys(own[0]!.kind.outputs);
    const expanded = expand({ name, node, edges: nodeEdges, drafts, outputs, limit: left, report });
    if (found > before) continue;
    drafts.set(name, expanded);
    left -= expanded.length;
    checkedOptions.add(name);
    for (const draft of expanded) {
      const type = typeOfDraft(draft, node, types)!;
      const options = draft.handsOn ? { plugin: {}, kind: {}, key: {} } : readOptions(draft, node, type);
      if (options) instances.push(planned(draft, type, options, study, types));
    }
  }
  return { nodes, instances, drafts, typesOf, checkedOptions };
}

/** The nodes with parameters filled in, empty where the schema refuses their shape; and those that miss a parameter. */
function soundNodes(
  study: unknown,
  shape: readonly Problem[],
  { params }: StudyValues,
  report: (problem: Problem) => void,
): { readonly nodes: ReadonlyMap<string, Sourced>; readonly incomplete: ReadonlySet<string> } {
  const incomplete = new Set<string>();
  const misshapen = new Set(
    shape.flatMap(({ place }) =>
      'path' in place && place.path[0] === 'nodes' && place.path[2] !== 'with' ? [place.path[1]] : [],
    ),
  );
  const all = fields(part(written(study, []), 'nodes'));
  const nodes = new Map(
    [...all].map(([name, node]): [string, Sourced] => [
      name,
      misshapen.has(name)
        ? { ...node, value: {} }
        : substitute(node, '$param', (param, place) => {
            const value = params.get(param);
            if (!value) {
              incomplete.add(name);
              report({ code: 'study-invalid', place, text: unknownParam(param, params) });
            }
            return value;
          }),
    ]),
  );
  return { nodes, incomplete };
}

function limitOf(study: unknown): number {
  const limit = part(written(study, []), 'maxInstances')?.value;
  return typeof limit === 'number' ? limit : standardLimit;
}

function inheritedAxes(
  edges: ReadonlyMap<string, readonly { readonly node: string }[]>,
  drafts: ReadonlyMap<string, readonly Draft[]>,
): readonly Combination[] {
  return [...edges.values()].flat().flatMap(({ node }) => (drafts.get(node) ?? []).map(({ labels }) => labels));
}

/** The types that `use` may stand for; undefined where that cannot be found out. */
function typesOfNode(
  node: Sourced,
  inherited: readonly Combination[],
  inputsKnown: boolean,
  request: PlanNodesRequest,
): readonly NodeType[] | undefined {
  const use = part(node, 'use');
  const axis = use && part(use, '$axis');
  if (!use) return undefined;
  if (!axis) {
    const type = typeNamed(use, request);
    return type && [type];
  }
  const name = textOf(axis.value);
  const uses = usesOnAxis(node, name, inherited);
  if (uses.length === 0) {
    const known = [...fields(part(node, 'matrix')).keys(), ...(inherited[0]?.keys() ?? [])];
    const text = `This node has no axis "${name}" to choose a plugin by.${suggestion(name, known)}`;
    if (inputsKnown) request.report({ code: 'study-invalid', place: axis.placeOf([]), text });
    return undefined;
  }
  const types = uses.map((value) => typeNamed(value, request));
  return types.every((type) => type !== undefined) ? types : undefined;
}

function usesOnAxis(node: Sourced, axis: string, inherited: readonly Combination[]): readonly Sourced[] {
  const scan = part(node, 'scan');
  const matrix = part(node, 'matrix');
  const own =
    (matrix && part(matrix, axis)) ?? (scan && part(scan, 'axis')?.value === axis ? part(scan, 'over') : undefined);
  const values = own ? axisValues(own, () => {}) : [...new Set(inherited.flatMap((labels) => labels.get(axis) ?? []))];
  return values.map(({ use, value }) => use ?? value);
}

function typeNamed(use: Sourced, { types, packages, failedAliases, report }: PlanNodesRequest): NodeType | undefined {
  const text = textOf(use.value);
  const type = types.get(text);
  const alias = text.split('/')[0]!;
  if (type || (failedAliases.has(alias) && text.includes('/'))) return type;
  report({ code: 'study-invalid', place: use.placeOf([]), text: unknownType(text, alias, types, packages) });
  return undefined;
}

function unknownType(
  text: string,
  alias: string,
  types: ReadonlyMap<string, NodeType>,
  packages: ReadonlyMap<string, PluginPackage>,
): string {
  const found = packages.get(alias);
  if (!text.includes('/')) return `"${text}" must be "<alias>/<plugin>".${suggestion(text, types.keys())}`;
  if (found) {
    const names = [...found.plugins.keys()].map((name) => `${alias}/${name}`);
    return `The package "${found.name}" has no plugin "${text.slice(alias.length + 1)}".${suggestion(text, names)}`;
  }
  if (alias === builtInAlias) return `There is no built-in node "${text}".${suggestion(text, ['core/train'])}`;
  return `There is no alias "${alias}" under "plugins".${suggestion(alias, packages.keys())}`;
}

function typeOfDraft({ labels }: Draft, node: Sourced, types: ReadonlyMap<string, NodeType>): NodeType | undefined {
  const use = part(node, 'use')!;
  const axis = part(use, '$axis');
  if (!axis) return types.get(textOf(use.value));
  const value = labels.get(textOf(axis.value));
  return types.get(textOf((value?.use ?? value?.value)?.value));
}

function planned(
  draft: Draft,
  type: NodeType,
  options: PlannedInstance['options'],
  study: unknown,
  types: ReadonlyMap<string, NodeType>,
): PlannedInstance {
  const { id, node, inputs, baseline, handsOn } = draft;
  const labels = [...draft.labels].sort(([a], [b]) => (a < b ? -1 : 1));
  // An alias is only a name: the same plugin under another alias must get the same seed.
  const seedLabels = labels.map(([axis, { label, labelIsUse }]) => {
    const named = labelIsUse ? types.get(String(label))?.id : undefined;
    return `${axis}=${named ?? label}`;
  });
  const studySeed = part(written(study, []), 'seed')?.value;
  const seed = deriveSeed(typeof studySeed === 'number' ? studySeed : 0, type.id, ...seedLabels);
  const plainLabels = Object.fromEntries(labels.map(([axis, { label }]): [string, Label] => [axis, label]));
  return { id, node, type, labels: plainLabels, seed, options, inputs, baseline, handsOn };
}
