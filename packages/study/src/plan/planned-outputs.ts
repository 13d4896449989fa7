import { checkEdgeLabels, takenBy } from '../axes/edge-labels.ts';
import { readEdge } from '../axes/study-graph.ts';
import { clashFinder } from '../outputs/output-clashes.ts';
import { pathProblem } from '../outputs/output-names.ts';
import { type Claim, claimsOf } from '../outputs/output-paths.ts';
import type { PlannedOutput } from '../outputs/planned-output.ts';
import { type Problem, shown, suggestion } from '../text/problems.ts';
import { fields, part, type Sourced, written } from '../text/sourced.ts';
import type { PlannedNodes } from './plan-nodes.ts';

/** Reads `outputs`: a port of a node, or one of the files that a reporter writes (`report.results.json`). */
export function plannedOutputs(
  study: unknown,
  planned: PlannedNodes,
  report: (problem: Problem) => void,
): readonly PlannedOutput[] {
  const outputs = fields(part(written(study, []), 'outputs'));
  const clashOf = clashFinder();
  return [...outputs].flatMap(([path, value]) => {
    const atKey = (text: string): void => {
      const place = value.placeOf([]);
      report({ code: 'study/invalid', place: 'path' in place ? { ...place, key: true } : place, text });
    };
    const problem = pathProblem(path);
    if (problem !== undefined) {
      atKey(`${shown(path)} ${problem}.`);
      return [];
    }
    const found = outputOf(path, value, planned, report);
    const clash = found?.claims.map(clashOf).find((text) => text !== undefined);
    if (clash !== undefined) atKey(clash);
    return found?.output ?? [];
  });
}

function outputOf(
  path: string,
  value: Sourced,
  { nodes, drafts, typesOf }: PlannedNodes,
  report: (problem: Problem) => void,
): { readonly output: PlannedOutput; readonly claims: readonly Claim[] } | undefined {
  const edge = readEdge(value, nodes, report);
  const types = edge && typesOf.get(edge.node);
  if (!edge || !types) return undefined;
  const ports = types[0]!.kind.outputs;
  const filesPort = Object.keys(ports).find((port) => ports[port] === 'files');
  const port = Object.hasOwn(ports, edge.port) ? edge.port : filesPort;
  if (port === undefined) {
    const text = `"${edge.node}" (${types[0]!.use}) has no output "${edge.port}".${suggestion(edge.port, Object.keys(ports))}`;
    report({ code: 'study/invalid', place: edge.place, text });
    return undefined;
  }
  const file = port === edge.port ? undefined : edge.port;
  const files = types[0]!.plugin?.files;
  if (file !== undefined && files && !files.includes(file) && !files.includes(`${edge.node}.${file}`)) {
    const text = `"${edge.node}" (${types[0]!.use}) writes no file "${file}".${suggestion(file, files)}`;
    report({ code: 'study/invalid', place: edge.place, text });
    return undefined;
  }
  const instances = drafts.get(edge.node) ?? [];
  if (drafts.has(edge.node)) checkEdgeLabels(edge.at, edge.node, instances, report);
  const sources = takenBy(edge.at, instances).map(({ id }) => ({ instance: id, port, id }));
  const claims = claimsOf({ path, sources, file }, ports[port]!, types.length === 1 ? files : undefined);
  return { output: { path, sources, file, paths: claims.map((claim) => claim.path) }, claims };
}
