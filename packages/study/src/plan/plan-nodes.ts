import { deriveSeed } from '@espalier/core';
import { takenBy } from '../axes/edge-labels.ts';
import { type Draft, expand } from '../axes/expand.ts';
import { studyGraph } from '../axes/study-graph.ts';
import { executionOf } from '../file/execution.ts';
import { resolvedNodes, type StudyNode } from '../file/resolved-nodes.ts';
import type { Label } from '../file/study-schema.ts';
import type { StudyValues } from '../file/study-values.ts';
import { checkOptions, optionsReader } from '../nodes/node-options.ts';
import { checkPorts, type PortsRequest } from '../nodes/node-ports.ts';
import type { NodeType } from '../nodes/node-types.ts';
import { typeOfDraft, typesOfNode, type UseRequest } from '../nodes/node-use.ts';
import type { IncludedStudy } from '../recipes/included-study.ts';
import type { Problem } from '../text/problems.ts';
import { besideEachOther } from './beside.ts';
import { findingsReader } from './node-findings.ts';
import { opensOf } from './opened-types.ts';
import type { PlannedInstance } from './planned-instance.ts';

export interface PlanNodesRequest extends UseRequest {
  readonly study: IncludedStudy;
  /** The study's folder. */
  readonly folder: string;
  readonly values: StudyValues;
}

export interface PlannedNodes {
  readonly instances: readonly PlannedInstance[];
  readonly drafts: ReadonlyMap<string, readonly Draft[]>;
  readonly typesOf: ReadonlyMap<string, readonly NodeType[]>;
}

const standardLimit = 1000;

/** Expands the nodes of a study in order, and checks all that can be checked of each, also where others are wrong. */
export function planNodes(request: PlanNodesRequest): PlannedNodes {
  const { values, types } = request;
  const { read: file, nodes: connected } = request.study;
  const counter = countingReport(request.report);
  const { report } = counter;
  const nodes = resolvedNodes(connected, file, values, report);
  const { edges, order } = studyGraph(nodes, report);
  const drafts = new Map<string, readonly Draft[]>();
  const typesOf = new Map<string, readonly NodeType[]>();
  const instances: PlannedInstance[] = [];
  const byId = new Map<string, PlannedInstance>();
  const readOptions = optionsReader(report);
  const findingsOf = findingsReader(byId, request.folder);
  let limit = file.parts.maxInstances ?? standardLimit;
  for (const name of order) {
    const node = nodes.get(name);
    if (!node) continue;
    const before = counter.count();
    const place = { name, node, edges: edges.get(name)!, drafts, typesOf, report };
    const own = checkedTypes(place, { ...request, report });
    if (!own || counter.count() > before || !isConnected(place) || node.holes.length > 0) continue;
    const gathersAllOf = gatheringPorts(own);
    const alone = expand({ ...place, gathersAllOf, outputs: Object.keys(own[0]!.kind.outputs), limit });
    if (counter.count() > before) continue;
    const expanded = besideEachOther(alone, { node, types, own, report });
    if (counter.count() > before) continue;
    drafts.set(name, expanded);
    limit -= expanded.length;
    const execution = executionOf(node.value, file.parts.defaults);
    for (const draft of expanded) {
      const type = typeOfDraft(draft, node.value, types);
      if (!type) report(withoutPlugin(draft, node));
      const read = type && !draft.passThrough ? readOptions(draft, node, type) : undefined;
      if (!type || (!read && !draft.passThrough)) continue;
      if (read) findingsOf(read, draft, type).forEach(report);
      const options = read?.options ?? { plugin: {}, kind: {}, key: {} };
      const own = { options, execution, opens: opensOf(draft, byId) };
      const instance = planned(draft, type, own, { seed: file.parts.seed ?? 0, types });
      instances.push(instance);
      byId.set(instance.id, instance);
    }
  }
  for (const [name, node] of nodes) {
    const type = typeof node?.value.use === 'string' && !drafts.has(name) ? types.get(node.value.use) : undefined;
    if (node && type) checkOptions(node, type, report);
  }
  return { instances, drafts, typesOf };
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
  const isWhole = Object.keys(node.value.in ?? {}).every((port) => (edges.get(port)?.length ?? 0) > 0);
  return isWhole && [...edges.values()].flat().every((edge) => drafts.has(edge.node));
}

function withoutPlugin(draft: Draft, node: StudyNode): Problem {
  const text = `The instance "${draft.id}" has no plugin: its label names none.`;
  return { code: 'study/invalid', place: node.placeOf(['use']), text };
}

function planned(
  draft: Draft,
  type: NodeType,
  own: Pick<PlannedInstance, 'options' | 'execution' | 'opens'>,
  { seed: studySeed, types }: { readonly seed: number; readonly types: PlanNodesRequest['types'] },
): PlannedInstance {
  const { id, node, inputs, baseline, passThrough } = draft;
  const labels = [...draft.labels].sort(([a], [b]) => (a < b ? -1 : 1));
  // An alias is only a name: the same plugin under another alias must get the same seed.
  const seedLabels = labels.map(([axis, { label, labelIsUse }]) => {
    const named = labelIsUse ? types.get(String(label))?.id : undefined;
    return `${axis}=${named ?? label}`;
  });
  const seed = seedOf(type, studySeed, seedLabels);
  const plainLabels = Object.fromEntries(labels.map(([axis, { label }]): [string, Label] => [axis, label]));
  return { id, node, type, labels: plainLabels, seed, ...own, inputs, baseline, passThrough };
}

/** The one seed that an instance draws from, and that its key states. */
function seedOf({ id, plugin }: NodeType, studySeed: number, labels: readonly string[]): number {
  if (plugin?.usesSeed === false) return 0;
  return plugin?.usesSeed === 'paired' ? deriveSeed(studySeed, id) : deriveSeed(studySeed, id, ...labels);
}
