import type { Draft } from '../axes/expand.ts';
import type { Edge } from '../axes/study-graph.ts';
import type { ArtifactKind } from '../file/artifact-kinds.ts';
import type { StudyNode } from '../file/resolved-nodes.ts';
import { atKey } from '../text/placed.ts';
import { type Problem, suggestion } from '../text/problems.ts';
import type { NodeType } from './node-types.ts';

/** What is known about a node when its connections are checked. */
export interface PortsRequest {
  readonly node: StudyNode;
  readonly types: readonly NodeType[];
  readonly edges: ReadonlyMap<string, readonly Edge[]>;
  /** The types of every node before; absent where they could not be found out. */
  readonly typesOf: ReadonlyMap<string, readonly NodeType[]>;
  readonly drafts: ReadonlyMap<string, readonly Draft[]>;
  readonly report: (problem: Problem) => void;
}

/** Checks that a node's inputs exist, are connected, and get the kind of artifact that they take. */
export function checkPorts(request: PortsRequest): void {
  for (const type of request.types) {
    for (const [port, edges] of request.edges) checkPort(port, edges, type, request);
    checkMissing(type, request);
    if (request.node.value.baseline && !type.kind.takesBaseline) {
      const text = `${type.use} takes no baseline; only metrics do.`;
      request.report({ code: 'study/invalid', place: request.node.placeOf(['baseline']), text });
    }
  }
}

function checkPort(port: string, edges: readonly Edge[], type: NodeType, request: PortsRequest): void {
  const { node, report, drafts } = request;
  const place = node.placeOf(['in', port]);
  const expected = Object.hasOwn(type.inputs, port) ? type.inputs[port] : undefined;
  if (!expected) {
    const text = `${type.use} has no input "${port}".${suggestion(port, Object.keys(type.inputs))}`;
    report({ code: 'study/invalid', place: atKey(place), text });
    return;
  }
  for (const edge of edges) checkKind(edge, { by: type.use, kind: expected.kind }, request);
  if (expected.many) return;
  if (edges.length > 1) {
    report({ code: 'study/invalid', place, text: `The input "${port}" of ${type.use} takes one edge, not a list.` });
  }
  for (const axis of node.value.gather ?? []) {
    if (!edges.some((edge) => drafts.get(edge.node)?.[0]?.labels.has(axis))) continue;
    const text = `The input "${port}" of ${type.use} takes one thing, so the axis "${axis}" of what it is connected to cannot be gathered.`;
    report({ code: 'study/invalid', place, text });
  }
}

function checkKind(edge: Edge, port: KindWanted, { typesOf, report }: PortsRequest): void {
  for (const source of typesOf.get(edge.node) ?? []) {
    const outputs = source.kind.outputs;
    const found = Object.hasOwn(outputs, edge.port) ? outputs[edge.port] : undefined;
    const text = found
      ? wrongKind(found, edge, port)
      : {
          place: edge.place,
          text: `"${edge.node}" (${source.use}) has no output "${edge.port}".${suggestion(edge.port, Object.keys(outputs))}`,
        };
    if (text) report({ code: 'study/invalid', ...text });
  }
}

interface KindWanted {
  readonly by: string;
  readonly kind: ArtifactKind;
}

/** Where something is connected to what takes another kind of thing: at an input of a recipe, or at last at the port. */
function wrongKind(found: ArtifactKind, edge: Edge, port: KindWanted): Pick<Problem, 'place' | 'text'> | undefined {
  let [given, name, place] = [found, `${edge.node}.${edge.port}`, edge.place];
  for (const input of edge.through) {
    if (given !== input.kind)
      return {
        place,
        text: `The recipe takes ${named(input.kind)} here, as ${input.name}; ${name} is ${named(given)}.`,
      };
    [given, name, place] = [input.kind, input.name, input.place];
  }
  if (given === port.kind) return undefined;
  return { place, text: `${port.by} takes ${named(port.kind)} here; ${name} is ${named(given)}.` };
}

function checkMissing(type: NodeType, { node, report }: PortsRequest): void {
  if (node.holes.some(([part]) => part === 'in')) return;
  const connected = new Set(Object.keys(node.value.in ?? {}));
  for (const [port, { kind, optional }] of Object.entries(type.inputs)) {
    if (optional || connected.has(port)) continue;
    const text = `${type.use} needs its input "${port}" connected to ${named(kind)}: "in": { "${port}": { "$from": "<node>.<port>" } }.`;
    report({ code: 'study/invalid', place: node.placeOf(connected.size > 0 ? ['in'] : []), text });
  }
}

const names: Readonly<Record<ArtifactKind, string>> = {
  split: 'images',
  model: 'a model',
  attributions: 'attributions',
  explainer: 'an explainer',
  concepts: 'concepts',
  scores: 'scores',
  files: 'files',
};

function named(kind: ArtifactKind): string {
  return names[kind];
}
