import { deriveSeed } from '@espalier/core';
import type { Label } from '../axes/axes.ts';
import { takenBy } from '../axes/edge-labels.ts';
import { type Draft, expand } from '../axes/expand.ts';
import { studyGraph } from '../axes/study-graph.ts';
import { executionOf } from '../file/execution.ts';
import { type StudyValues, unknownParam } from '../file/study-values.ts';
import { optionsReader } from '../nodes/node-options.ts';
import { checkPorts, type PortsRequest } from '../nodes/node-ports.ts';
import type { NodeType } from '../nodes/node-types.ts';
import { typeOfDraft, typesOfNode, type UseRequest } from '../nodes/node-use.ts';
import type { Problem } from '../text/problems.ts';
import { fields, part, type Sourced, substitute, written } from '../text/sourced.ts';
import { findingsReader } from './node-findings.ts';
import { opensOf } from './opened-types.ts';
import type { PlannedInstance } from './planned-instance.ts';

export interface PlanNodesRequest extends UseRequest {
  readonly study: unknown;
  /** The study's folder. */
  readonly folder: string;
  readonly values: StudyValues;
  /** What the schema has found wrong. */
  readonly shape: readonly Problem[];
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
  const counter = countingReport(request.report);
  const { report } = counter;
  const { nodes, incomplete } = soundNodes(study, shape, values, report);
  const { edges, order } = studyGraph(nodes, report);
  const drafts = new Map<string, readonly Draft[]>();
  const typesOf = new Map<string, readonly NodeType[]>();
  const instances: PlannedInstance[] = [];
  const byId = new Map<string, PlannedInstance>();
  const readOptions = optionsReader(report);
  const findingsOf = findingsReader(byId, request.folder);
  let limit = limitOf(study);
  for (const name of order) {
    const node = nodes.get(name)!;
    const before = counter.count();
    const place = { name, node, edges: edges.get(name)!, drafts, typesOf, report };
    const own = checkedTypes(place, { ...request, report });
    if (!own || counter.count() > before || !isConnected(place) || incomplete.has(name)) continue;
    const gathersAllOf = gatheringPorts(own);
    const expanded = expand({ ...place, gathersAllOf, outputs: Object.keys(own[0]!.kind.outputs), limit });
    if (counter.count() > before) continue;
    drafts.set(name, expanded);
    limit -= expanded.length;
    const execution = executionOf(study, node);
    for (const draft of expanded) {
      const type = typeOfDraft(draft, node, types);
      if (!type) report(withoutPlugin(draft, node));
      const read = type && !draft.handsOn ? readOptions(draft, node, type) : undefined;
      if (!type || (!read && !draft.handsOn)) continue;
      if (read) findingsOf(read, draft, type).forEach(report);
      const options = read?.options ?? { plugin: {}, kind: {}, key: {} };
      const instance = planned(draft, type, { options, execution, opens: opensOf(draft, byId) }, { study, types });
      instances.push(instance);
      byId.set(instance.id, instance);
    }
  }
  return { nodes, instances, drafts, typesOf, checkedOptions: new Set(drafts.keys()) };
}

function gatheringPorts(types: readonly NodeType[]): ((port: string) => boolean) | undefined {
  if (!types.every(({ kind }) => kind.gathersAll)) return undefined;
  return (port) => types.every(({ inputs }) => inputs[port]?.many);
}

function countingReport(report: (problem: Problem) => void) {
  let found = 0;
  return {
    count: () => found,
    report(problem: Problem): void {
      found++;
      report(problem);
    },
  };
}

type NodePlace = Omit<PortsRequest, 'types'> & { readonly typesOf: Map<string, readonly NodeType[]> };

/** The types of a node, its ports checked against them; undefined where they cannot be found out. */
function checkedTypes(
  place: NodePlace & { readonly name: string },
  request: UseRequest,
): readonly NodeType[] | undefined {
  const { name, node, edges, drafts, typesOf } = place;
  const inherited = [...edges.values()]
    .flat()
    .flatMap((edge) => takenBy(edge.at, drafts.get(edge.node) ?? []).map(({ labels }) => labels));
  const types = typesOfNode(node, inherited, isConnected(place), request);
  if (!types) return undefined;
  typesOf.set(name, types);
  checkPorts({ ...place, types });
  return types;
}

/** Whether every input is an edge to a node that could be expanded. */
function isConnected({ node, edges, drafts }: NodePlace): boolean {
  const isWhole = [...fields(part(node, 'in')).keys()].every((port) => (edges.get(port)?.length ?? 0) > 0);
  return isWhole && [...edges.values()].flat().every((edge) => drafts.has(edge.node));
}

function withoutPlugin(draft: Draft, node: Sourced): Problem {
  const text = `The instance "${draft.id}" has no plugin: its label names none.`;
  return { code: 'study/invalid', place: node.placeOf(['use']), text };
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
              report({ code: 'study/invalid', place, text: unknownParam(param, params) });
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

function planned(
  draft: Draft,
  type: NodeType,
  own: Pick<PlannedInstance, 'options' | 'execution' | 'opens'>,
  { study, types }: Pick<PlanNodesRequest, 'study' | 'types'>,
): PlannedInstance {
  const { id, node, inputs, baseline, handsOn } = draft;
  const labels = [...draft.labels].sort(([a], [b]) => (a < b ? -1 : 1));
  // An alias is only a name: the same plugin under another alias must get the same seed.
  const seedLabels = labels.map(([axis, { label, labelIsUse }]) => {
    const named = labelIsUse ? types.get(String(label))?.id : undefined;
    return `${axis}=${named ?? label}`;
  });
  const studySeed = part(written(study, []), 'seed')?.value;
  const from = typeof studySeed === 'number' ? studySeed : 0;
  const seed = seedOf(type, from, seedLabels);
  const plainLabels = Object.fromEntries(labels.map(([axis, { label }]): [string, Label] => [axis, label]));
  return { id, node, type, labels: plainLabels, seed, ...own, inputs, baseline, handsOn };
}

/** The one seed that an instance draws from, and that its key states. */
function seedOf({ id, plugin }: NodeType, studySeed: number, labels: readonly string[]): number {
  if (plugin?.usesSeed === false) return 0;
  return plugin?.usesSeed === 'paired' ? deriveSeed(studySeed, id) : deriveSeed(studySeed, id, ...labels);
}
